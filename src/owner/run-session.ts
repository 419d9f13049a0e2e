import { TuttiError } from "../core/errors.ts";
import type { Window } from "../core/window.ts";
import type { RunListener } from "../engine/run-event.ts";
import type { NewVersion } from "../store/store.ts";
import type { Pruned } from "./retention.ts";

/** A run that is asked for. Whoever asks gives it its id, so that asking twice makes one run. */
export interface RunRequest {
  readonly id: string;
  readonly version: NewVersion;
  /** As the user gave them; `undefined`: none. */
  readonly params?: unknown;
  readonly window: Window;
}

export interface OwnerStatus {
  readonly pid: number;
  /** The command it runs, as the user typed it. */
  readonly command: string;
  /** Ids of the runs that it advances. */
  readonly runs: readonly string[];
}

/**
 * The way to the engine of a store, whether it is in this process (`OwnEngine`) or in another one (`OwnerClient`,
 * `InboxSession`). Who works with it need not know which.
 */
export interface RunSession {
  /** Whether the engine is in this process. */
  readonly isOwner: boolean;
  /** Resolves when there is no engine behind it any more. What was not finished can be resumed by the next owner. */
  readonly gone: Promise<void>;
  /** Durable when it resolves. The listener is told from the beginning. @throws TuttiError as `Engine.submit`; `OwnerGone` */
  submit(request: RunRequest, listener: RunListener): Promise<void>;
  retry(runId: string, listener: RunListener): Promise<void>;
  /** Goes on with an unfinished run; one that is live already is only followed. */
  resume(runId: string, listener: RunListener): Promise<void>;
  cancel(runId: string): Promise<void>;
  /** Tells about a live run from now on. `false`: it is not live. */
  follow(runId: string, listener: RunListener): Promise<boolean>;
  prune(endedBefore: number): Promise<Pruned>;
  status(): Promise<OwnerStatus>;
  /** An owner lets running tasks end for up to `graceMs`; a client only stops following. */
  close(graceMs: number): Promise<void>;
}

/** The owner went away before it answered: another one must be asked. */
export class OwnerGone extends TuttiError {
  constructor() {
    super("OWNER_GONE", "The process that owned the store has ended. Run the command again.");
    this.name = "OwnerGone";
  }
}
