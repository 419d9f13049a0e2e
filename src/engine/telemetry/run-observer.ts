import type { Transition } from "../../core/transition.ts";
import type { LogLine } from "../../runtime/protocol.ts";
import type { LiveRun } from "../live-run.ts";

/** Hears of what is durable, to tell somebody outside. It must be quick, and never throw: it is called where runs are advanced. */
export interface RunObserver {
  /** Of one commit, about one run. `ended`: the run has ended with it. */
  applied(run: LiveRun, transitions: readonly Transition[], ended: boolean): void;
  /** A line that a task wrote, secrets masked. */
  logged(line: LogLine): void;
  /** Tells what it has not told yet, for up to `limitMs`. */
  close(limitMs: number): Promise<void>;
}
