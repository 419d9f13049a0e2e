import type { RunWindow } from "../core/window.ts";
import type { RunTrigger, VersionRecord } from "../store/store.ts";

/** A run that is asked for. */
export interface Submission {
  /** Whoever may have to ask twice gives the run its id. Default: a new one. */
  readonly id?: string;
  readonly version: VersionRecord;
  /** What the user passed; `undefined`: nothing. */
  readonly params?: unknown;
  readonly window: RunWindow;
  readonly trigger: RunTrigger;
  /** It takes no value that another run has made. Default: tasks with `cacheFor` do. */
  readonly fresh?: boolean;
}

/** How an ended run goes on. */
export interface RetryRequest {
  /** From the first task: nothing keeps its value, and no value of another run is taken. Default: from the failed ones. */
  readonly fresh?: boolean;
  /** The version it goes on with. Default: the one it has. */
  readonly version?: VersionRecord | "latest";
  /** The generation that whoever asks has seen: a run that has gone on since is left alone. Default: the one it has. */
  readonly generation?: number;
}
