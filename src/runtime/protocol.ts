import type { Instant } from "../core/clock.ts";
import type { TaskOutcome } from "../core/decide.ts";
import type { ErrorData } from "../core/errors.ts";
import type { Path } from "../core/manifest.ts";
import type { ListReports } from "../core/value.ts";

/** What a worker host and its child say to each other: arrays of these, so that one system call carries many. */
export type ToChild =
  /** Before the first task of a run in this child. */
  | { readonly kind: "run"; readonly run: RunInfo }
  | { readonly kind: "forget"; readonly runId: string }
  /** A large part that several tasks of a run get; kept as text until the run is forgotten. */
  | { readonly kind: "share"; readonly runId: string; readonly key: string; readonly text: string }
  /** `slot`: the task's place in the gate that child and watchdog share (`gate.ts`). */
  | { readonly kind: "start"; readonly slot: number; readonly task: Assignment }
  | { readonly kind: "abort"; readonly taskRunId: number; readonly claim: number; readonly reason: AbortReason }
  | { readonly kind: "parse"; readonly request: number; readonly version: VersionInfo; readonly input: string | null }
  | {
      readonly kind: "drawer";
      readonly request: number;
      readonly value: string | null;
      readonly error: ErrorData | null;
    }
  /** Answers `connections`: by name, those that are configured. */
  | { readonly kind: "connections"; readonly request: number; readonly urls: Readonly<Record<string, string>> }
  | { readonly kind: "ping"; readonly beat: number }
  | { readonly kind: "exit" };

export type FromChild =
  | { readonly kind: "ready" }
  /** Left out when the end of the task travels in the same batch: `finished.startedAt` says it all. */
  | { readonly kind: "started"; readonly taskRunId: number; readonly claim: number; readonly at: Instant }
  | Finished
  | { readonly kind: "log"; readonly line: LogLine }
  | {
      readonly kind: "progress";
      readonly taskRunId: number;
      readonly claim: number;
      readonly done: number;
      readonly total: number;
      readonly note: string | null;
    }
  | {
      readonly kind: "drawer";
      readonly request: number;
      readonly taskRunId: number;
      readonly claim: number;
      readonly drawer: "state" | "memory";
      readonly key: string;
      /** `undefined`: read. `null`: delete. */
      readonly value?: string | null;
    }
  | { readonly kind: "parsed"; readonly request: number; readonly result: ParsedParams }
  /** Asked once for each version loaded: what its workflow declares. They never stand in the child's environment. */
  | { readonly kind: "connections"; readonly request: number; readonly names: readonly string[] }
  /** The task of this slot was taken back while the child was blocked; the slot is free again. */
  | { readonly kind: "dropped"; readonly slot: number }
  | { readonly kind: "pong"; readonly beat: number; readonly rssBytes: number };

/** What the host asks the child's watchdog, over a pipe of their own: lines of JSON. The slots it names are those it has not seen started. */
export interface WatchdogQuestion {
  readonly question: number;
  readonly slots: readonly number[];
}

/** `unstarted`: the tasks of these slots are taken back, the child will not start them. `running`: the slot whose code has the loop; `null`: can't tell. */
export interface WatchdogAnswer {
  readonly question: number;
  readonly unstarted: readonly number[];
  readonly running: number | null;
  /** Where that code is, e.g. `transform (pipelines/retail.ts:12:5)`. */
  readonly where: string | null;
}

/** What a host tells a child when it forks it. */
export interface ChildSettings {
  readonly projectDir: string;
  readonly artifactsDir: string;
  /** How many tasks it is ever sent at once. */
  readonly slots: number;
  /** Of one line's message, and of its fields, in UTF-16 units. */
  readonly logLineLength: number;
  /** Of all lines of one attempt. */
  readonly logAttemptBytes: number;
  /** Above this an output goes to the artifact store by itself. */
  readonly inlineBytes: number;
  /** Above this an output is refused. */
  readonly maxValueBytes: number;
}

export type AbortReason = "cancelled" | "timed_out" | "shutdown";

/** Where a child finds the code: `file` is the bundle on this machine's disk. */
export interface VersionInfo {
  readonly hash: string;
  readonly file: string;
  readonly workflow: string;
  /** Hash of the manifest alone: a child whose evaluation yields another graph refuses, and says what differs. */
  readonly manifestHash: string;
}

export interface RunInfo {
  readonly runId: string;
  readonly version: VersionInfo;
  readonly params: string | null;
  readonly interval: { readonly start: Instant; readonly end: Instant };
  readonly date: string;
  readonly trigger: "schedule" | "manual" | "event" | "asset" | "run" | "backfill";
  readonly generation: number;
  readonly backfill: string | null;
}

/** One attempt at one task run. */
export interface Assignment {
  readonly taskRunId: number;
  readonly claim: number;
  readonly runId: string;
  /** The task's place in the manifest. */
  readonly task: number;
  readonly mapIndex: number | null;
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly isolation: "shared" | "process";
  readonly timeoutMs: number | null;
  /** What its sources resolve from: `out:<task>`, `settled:<task>`, `map:<key>`, `element`. Params are the run's. */
  readonly values: Readonly<Record<string, Part>>;
}

/** A part of an input on its way to a child. */
export type Part =
  | { readonly kind: "text"; readonly text: string }
  /** Read from the artifact store by the child; `path`: only that part of it. */
  | { readonly kind: "frame"; readonly uri: string; readonly path: Path }
  | { readonly kind: "shared"; readonly key: string }
  | { readonly kind: "absent" }
  /** The values of a mapped task's succeeded elements, in order; a source's path applies to each. */
  | { readonly kind: "gathered"; readonly items: readonly Part[] }
  /** Every element of a mapped task with its state. */
  | { readonly kind: "settled"; readonly items: readonly SettledPart[] }
  | SettledPart;

/** One element of a mapped task with its state, and its value where it succeeded. */
export interface SettledPart {
  readonly kind: "element";
  readonly state: string;
  readonly value: Part | null;
}

export interface Finished {
  readonly kind: "finished";
  readonly taskRunId: number;
  readonly claim: number;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant;
  readonly outcome: Outcome;
}

/** `rule`: the first of the task's retry rules that matched. `final`: whatever the policy says. */
export type Outcome = TaskOutcome;

export interface LogLine {
  readonly taskRunId: number;
  readonly claim: number;
  readonly runId: string;
  readonly at: Instant;
  readonly level: "debug" | "info" | "warn" | "error";
  /** `stdout` and `stderr`: written past `ctx.log`. */
  readonly source: "log" | "stdout" | "stderr";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | null;
}

export type ParsedParams =
  | { readonly ok: true; readonly params: string | null; readonly lists: ListReports | null }
  | { readonly ok: false; readonly issues: readonly { readonly path: string; readonly message: string }[] }
  | { readonly ok: false; readonly error: ErrorData };
