/** Something that has happened, as a run is told of it that was started by it: `ctx.event`. */
export interface EventInfo {
  /** `event`: emitted, by a user or a task. `asset`: one was updated. `run`: one ended. `file`, `poll`: found by such a trigger. */
  readonly kind: "event" | "asset" | "run" | "file" | "poll";
  /** Of the event, the asset, the workflow whose run ended, or the trigger that found it. */
  readonly name: string;
  /** What it carries, as JSON has it; `null`: nothing. Of an asset: its metadata. Of a run: `{ runId, state }`. Of a file: `{ path, size, modified }`. */
  readonly payload: unknown;
  /** What tells it from a repetition; `null`: nothing does. */
  readonly key: string | null;
  /** Of an asset: the part of it that was updated. `null`: all of it, or not known. */
  readonly partition: string | null;
  readonly at: Date;
  /** The run that caused it; `null`: it came from outside. */
  readonly runId: string | null;
}
