import type { ApprovalAsk } from "./approval.ts";
import type { Instant } from "./clock.ts";
import type { RunAsk } from "./run-call.ts";

/** What a task run without a slot waits for, as whoever executes it says. */
export interface Until {
  readonly kind: "sleep" | "sensor" | "event" | "tasks" | "approval" | "run";
  /** When it comes back. */
  readonly dueAt: Instant;
  /** Of what hears of events: which. Any of them brings it back. */
  readonly events?: readonly EventWait[];
  /** Of the body of a flow: the task runs that it has asked for and not heard of. The end of any brings it back. */
  readonly tasks?: readonly ElementRange[];
  /** What it asks people. The answer is an event. */
  readonly approvals?: readonly ApprovalAsk[];
  /** Runs of other workflows that it asks for. Whoever advances its run starts those that are not there yet. Their ends are events. */
  readonly runs?: readonly RunAsk[];
  /** Of a sensor: how often it has looked, and since when. */
  readonly checks?: number;
  readonly since?: Instant;
}

/** Events that a task run waits for. */
export interface EventWait {
  readonly name: string;
  /** It has looked at all that were recorded up to this mark of the store. */
  readonly after: string;
  /** What their payload must have; `null`: only its code can tell. */
  readonly fields: Readonly<Record<string, unknown>> | null;
}

/** As late as a number counts microseconds, in 2255: it waits for an event, however long. */
export const NEVER: Instant = 9_000_000_000_000_000;

/** What its row holds while it waits, and until this attempt ends: the next execution goes on from there. */
export interface Wait extends Until {
  /** When this attempt's code first started. */
  readonly startedAt: Instant | null;
  /** The first claim of this attempt that waited: what it wrote under that one is still its own. */
  readonly firstClaim: number;
  /** How long this attempt has run so far, without its waits. */
  readonly ranMs: number;
}

/** One line of what a task run has recorded: its place, and text that only its own code reads. */
export interface StepEntry {
  readonly key: string;
  readonly value: string;
}

/** Some elements of a task, by its place in the manifest: the first and the last. */
export interface ElementRange {
  readonly task: number;
  readonly from: number;
  readonly to: number;
}

/** A task run that the body of a flow asks for. */
export interface TaskRequest {
  readonly task: number;
  readonly index: number;
  /** As `core/given-input.ts` writes it. */
  readonly input: string;
}

/** What a body leaves when it gives its slot back, all of it durable together with that. */
export interface Deferral {
  readonly until: Until;
  readonly steps: readonly StepEntry[];
  /** Task runs that begin now. One that is there already begins anew where it ended without a value. Absent: none. */
  readonly requests?: readonly TaskRequest[];
}
