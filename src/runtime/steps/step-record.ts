import type { Instant } from "../../core/clock.ts";
import type { StartEvent } from "../../core/event.ts";
import { plainValue } from "../../core/plain-value.ts";
import { decodeValue } from "../../core/value-codec.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { StepEntry } from "../../core/wait.ts";

/** Which step of a body: its name, the key it was given, and how many of the same came before it. Of a run, the task's name, and its input as the key. */
export interface StepId {
  readonly kind: "step" | "sleep" | "run";
  readonly name: string;
  readonly key: string | null;
  readonly nth: number;
}

/** What the code of a task run has recorded, in the order in which its code heard of it. */
export type StepRecord =
  /** A step is over, with what it returned, as the value codec encodes it. */
  | { readonly kind: "step"; readonly id: StepId; readonly value: string }
  /** A step threw, and the body went on. */
  | {
      readonly kind: "failed";
      readonly id: StepId;
      readonly error: ErrorData;
      /** Of a task run, or a run: how it ended. */
      readonly state?: "failed" | "cancelled" | "skipped";
      /** Of a run of another workflow: which. */
      readonly run?: string;
    }
  /** That error ended the attempt after all: the next attempt runs the step again. */
  | { readonly kind: "escaped"; readonly id: StepId }
  /** It asked for a task run, `during` this attempt. Durable together with that task run. */
  | { readonly kind: "run"; readonly id: StepId; readonly index: number; readonly during: string }
  /** That has succeeded; its value is with it. Where it has not, and the body went on, `failed` says so. */
  | { readonly kind: "ran"; readonly id: StepId }
  /** `mark`: of a wait for an event, what was emitted after it counts; `at`: when it began. */
  | {
      readonly kind: "sleep";
      readonly id: StepId;
      readonly dueAt: Instant;
      readonly mark?: string;
      readonly at?: Instant;
      /** Of a run that was asked for: which, during which attempt. */
      readonly run?: string;
      readonly during?: string;
    }
  /** A run that was asked for has succeeded, or the window of another workflow is done: by which runs. */
  | { readonly kind: "called"; readonly id: StepId; readonly runs: readonly CalledRun[] }
  /** A wait for an event is over; `null`: nothing came in time. */
  | { readonly kind: "heard"; readonly id: StepId; readonly event: StartEvent | null }
  | { readonly kind: "slept"; readonly id: StepId }
  /** What comes from here on was recorded by this version of the code. */
  | { readonly kind: "version"; readonly hash: string }
  /** What `ctx.now()` said, by the order of its calls. */
  | { readonly kind: "now"; readonly at: Instant };

/** A run of another workflow, as a body heard of it. */
export interface CalledRun {
  readonly id: string;
  readonly start?: Instant;
  readonly end?: Instant;
}

/** The record that ends what a body waits for. */
export type EndRecord = StepRecord & { readonly kind: "step" | "failed" | "slept" | "heard" | "ran" | "called" };

const ENDS: ReadonlySet<StepRecord["kind"]> = new Set(["step", "failed", "slept", "heard", "ran", "called"]);

export const isEnd = (record: StepRecord): record is EndRecord => ENDS.has(record.kind);

export const idText = ({ kind, name, key, nth }: StepId): string => JSON.stringify([kind, name, key, nth]);

export function idFrom(text: string): StepId {
  const [kind, name, key, nth] = JSON.parse(text) as [StepId["kind"], string, string | null, number];
  return { kind, name, key, nth };
}

/** As a person reads it. */
export function stepText({ kind, name, key, nth }: StepId): string {
  const what =
    kind === "run"
      ? `ctx.run(${name}, ${inputText(key ?? "")})`
      : `${kind === "sleep" ? name : JSON.stringify(name)}${key === null ? "" : ` with key ${JSON.stringify(key)}`}`;
  return nth === 1 ? what : `${what} (${nth})`;
}

/** What stands in the record, as it was given; of a long one, only that there was one. */
const inputText = (key: string): string =>
  key.startsWith("sha256:") ? "…" : (JSON.stringify(plainValue(decodeValue(key))) ?? "");

const WIDTH = 9;

/** Lines are written one after the other: their keys sort in that order. */
export const encodeRecords = (line: number, records: readonly StepRecord[]): StepEntry => ({
  key: String(line).padStart(WIDTH, "0"),
  value: JSON.stringify(records),
});

export const decodeRecords = (lines: readonly string[]): StepRecord[] =>
  lines.flatMap((line) => JSON.parse(line) as StepRecord[]);
