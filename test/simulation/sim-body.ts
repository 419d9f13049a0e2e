import type { Instant } from "../../src/core/clock.ts";
import type { Assignment, Outcome } from "../../src/runtime/protocol.ts";

/** What a body reads while it runs: ends of task runs, what was emitted, or what has become of other runs. */
export type SimAsk = <T>(drawer: "ends" | "events" | "runs", question: unknown) => Promise<T>;

/** Code that goes on from what it has recorded. */
export interface SimBody {
  /** What it does next; `null`: it has come to its end. */
  next(assignment: Assignment, recorded: readonly string[], ask: SimAsk, now: Instant): Promise<Outcome | null>;
}
