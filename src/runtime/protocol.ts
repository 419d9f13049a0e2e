import type { Instant } from "../core/clock.ts";
import type { TaskOutcome } from "../core/decide.ts";
import type { ErrorData } from "../core/errors.ts";
import type { StartEvent } from "../core/event.ts";
import type { Path } from "../core/manifest.ts";
import type { ListReports } from "../core/value.ts";
import type { Wait } from "../core/wait.ts";
import type { AlertCall } from "./alert-data.ts";
import type { RunInfo, VersionInfo } from "./run-info.ts";

export type { AlertCall, AlertData, ConfigCode } from "./alert-data.ts";
export type { RunInfo, VersionInfo } from "./run-info.ts";

/** What a worker host and its child say to each other: arrays of these, so that one system call carries many. */
export type ToChild =
  /** Before the first task of a run in this child. */
  | { readonly kind: "run"; readonly run: RunInfo }
  | { readonly kind: "forget"; readonly runId: string }
  /** A large part that several tasks of a run get; kept as text until the run is forgotten. */
  | { readonly kind: "share"; readonly runId: string; readonly key: string; readonly text: string }
  /** `slot`: the task's place in the gate that child and watchdog share (`gate.ts`). Both sides count these: the number is the task's turn. */
  | { readonly kind: "start"; readonly slot: number; readonly task: Assignment }
  | { readonly kind: "abort"; readonly taskRunId: number; readonly claim: number; readonly reason: AbortReason }
  /** Its code waits here without a slot, and is to stop. */
  | {
      readonly kind: "drop";
      readonly runId: string;
      readonly taskRunId: number;
      readonly claim: number;
      readonly reason: AbortReason;
    }
  | { readonly kind: "parse"; readonly request: number; readonly version: VersionInfo; readonly input: string | null }
  /** Tells a receiver of an alert. */
  | { readonly kind: "alert"; readonly request: number; readonly call: AlertCall }
  | {
      readonly kind: "ask";
      readonly request: number;
      readonly version: VersionInfo;
      readonly question: TriggerQuestion;
    }
  | {
      readonly kind: "drawer";
      readonly request: number;
      readonly value: string | null;
      readonly error: ErrorData | null;
    }
  /** Answers `connections`: by name, those that there are, and why others can't be had. */
  | {
      readonly kind: "connections";
      readonly request: number;
      readonly urls: Readonly<Record<string, string>>;
      readonly problems: Readonly<Record<string, ErrorData>>;
    }
  /** Answers `secret`. `value` is `null`: there is none. */
  | {
      readonly kind: "secret";
      readonly request: number;
      readonly value: string | null;
      readonly error: ErrorData | null;
    }
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
      readonly drawer: DrawerName;
      readonly key: string;
      /** `undefined`: read; of `steps`, all of them as a JSON list. `null`: delete. */
      readonly value?: string | null;
    }
  /** A task that waits here without a slot has something to do. */
  | { readonly kind: "wake"; readonly runId: string; readonly taskRunId: number; readonly claim: number }
  | { readonly kind: "parsed"; readonly request: number; readonly result: ParsedParams }
  /** `null`: it was told. */
  | { readonly kind: "alerted"; readonly request: number; readonly error: ErrorData | null }
  | { readonly kind: "asked"; readonly request: number; readonly answer: TriggerAnswer }
  /**
   * Asked for each version, now and then anew: what its workflow declares. They never stand in the child's environment. `task`: the first that needs them;
   * `null`: none does.
   */
  | {
      readonly kind: "connections";
      readonly request: number;
      readonly names: readonly string[];
      readonly workflow: string | null;
      readonly task: TaskClaim | null;
    }
  /** A task asks for a secret that it declares. */
  | ({
      readonly kind: "secret";
      readonly request: number;
      readonly name: string;
      readonly workflow: string;
    } & TaskClaim)
  /** The task of this slot was taken back while the child was blocked; the slot is free again. */
  | { readonly kind: "dropped"; readonly slot: number; readonly turn: number }
  | { readonly kind: "pong"; readonly beat: number; readonly rssBytes: number };

/** What the host asks the child's watchdog, over a pipe of their own: lines of JSON. The tasks it names are those it has not seen started. */
export interface WatchdogQuestion {
  readonly question: number;
  readonly tasks: readonly { readonly slot: number; readonly turn: number }[];
}

/** `unstarted`: the tasks of these turns are taken back, the child will not start them; all others that were named have started. `running`: the slot whose code has the loop; `null`: can't tell. */
export interface WatchdogAnswer {
  readonly question: number;
  readonly unstarted: readonly number[];
  readonly started: readonly number[];
  readonly running: number | null;
  /** Where that code is, e.g. `transform (pipelines/retail.ts:12:5)`. */
  readonly where: string | null;
}

/** Which execution of a task run. */
export interface TaskClaim {
  readonly taskRunId: number;
  readonly claim: number;
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
  readonly tracing: boolean; // runs are traces that somebody receives
}

/**
 * `steps`: what the task's own code has recorded, line by line. The others are no drawers of its, and only to be read: `events`, what was
 * emitted since a mark; `input`, what the body of a flow gave it; `ends`, what those came to that it, as the body of a flow, has asked for; `runs`, how others are; `cache`, what they made of its input.
 */
export type DrawerName = "state" | "memory" | "steps" | "events" | "input" | "ends" | "runs" | "cache";

export type AbortReason = "cancelled" | "timed_out" | "shutdown";

/** One execution of one attempt at one task run. */
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
  /** What this attempt last gave its slot back for; `null`: it never did. */
  readonly wait: Wait | null;
  /** When that was over, by the clock of whoever brought it back. Absent: it never waited. */
  readonly wokenAt?: Instant;
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

/** What the code of a trigger, named by its name, is asked. */
export type TriggerQuestion =
  /** `input`: the params that it has of itself, encoded. */
  | { readonly kind: "event"; readonly trigger: string; readonly event: StartEvent; readonly input: string | null }
  | {
      readonly kind: "poll";
      readonly trigger: string;
      readonly cursor: string | null;
      /** The first since its workflow was enabled. */
      readonly fresh: boolean;
      readonly timeoutMs: number;
    };

export type TriggerAnswer =
  | { readonly ok: true; readonly matches: false }
  | {
      readonly ok: true;
      readonly matches: true;
      /** What its function gives; `null`: it has none. */
      readonly key: string | null;
      /** What its run is started with, encoded, and what the schema makes of it. */
      readonly input: string | null;
      readonly params: ParsedParams;
    }
  /** `null`: nothing new. */
  | { readonly ok: true; readonly found: Found | null }
  | { readonly ok: false; readonly error: ErrorData };

export interface Found {
  readonly cursor: string;
  readonly events: readonly FoundEvent[];
  readonly more: boolean;
}

export interface FoundEvent {
  readonly key: string | null;
  readonly payload: string | null;
}

/** The key under which what was emitted is asked for, as JSON. `after`: a mark; `null`: what is the mark now. */
export interface EmittedQuestion {
  readonly name: string;
  readonly after: string | null;
}

export interface EmittedSince {
  readonly events: readonly StartEvent[];
  readonly mark: string;
}
