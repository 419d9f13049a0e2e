import type { RunState } from "../../core/run-state.ts";
import type { TaskRunState } from "../../core/task-run-state.ts";
import type { Output } from "./output.ts";

/** One look for each state, everywhere on the command line. */
const MARKS = {
  waiting: ["·", "dim"],
  queued: ["○", "dim"],
  running: ["●", "cyan"],
  deferred: ["◌", "cyan"],
  up_for_retry: ["↻", "yellow"],
  succeeded: ["✓", "green"],
  failed: ["✗", "red"],
  skipped: ["–", "dim"],
  upstream_failed: ["⊘", "yellow"],
  cancelled: ["■", "yellow"],
  removed: ["·", "dim"],
} as const satisfies Record<TaskRunState | RunState, readonly [string, Parameters<Output["style"]>[0]]>;

/** `✓` in green. */
export function stateMark(out: Output, state: TaskRunState | RunState): string {
  const [mark, style] = MARKS[state];
  return out.style(style, mark);
}

/** `✓ succeeded`, coloured. */
export function stateText(out: Output, state: TaskRunState | RunState): string {
  const [mark, style] = MARKS[state];
  return out.style(style, `${mark} ${state}`);
}
