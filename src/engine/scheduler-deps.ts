import type { LimitHolder } from "../store/limits.ts";
import type { CommitterDeps } from "./committer.ts";
import type { ClaimFacts } from "./dispatcher.ts";
import type { EngineDeps } from "./engine-deps.ts";
import type { LiveRun } from "./live-run.ts";
import type { Remains } from "./remains.ts";
import type { WorkerHost } from "./worker-host.ts";

export interface SchedulerDeps extends CommitterDeps {
  readonly host: WorkerHost;
  /** The number under which this engine holds its runs; `undefined`: it is the only one. */
  readonly holder: () => number | undefined;
  /** Whether what is recorded under that number is still this engine's to advance. */
  readonly holds: (holder: number | undefined) => boolean;
  readonly claims: ClaimFacts;
  /** A run has ended, and its end is durable. */
  readonly onEnd: (run: LiveRun) => void;
  /** The queues that its own worker serves; `null`: all. */
  readonly queues: readonly string[] | null;
  /** Something else has to end, so that a task run finds room in a limit. */
  readonly oust: (holder: LimitHolder) => void;
  readonly onWaits: (run: LiveRun, waits: boolean) => void;
  readonly onAlerts: (() => void) | undefined;
  readonly onApplied: EngineDeps["onApplied"] | undefined;
  /** A run is somebody else's. */
  readonly onRelease: (run: LiveRun, remains: Remains) => void;
  /** The store refuses for good: the engine stops, and what is not durable is lost with it. */
  readonly onFatal: (error: unknown) => void;
}
