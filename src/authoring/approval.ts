import type { StandardSchemaV1 } from "@standard-schema/spec";
import { APPROVAL_TIMEOUTS, type ApprovalAsk } from "../core/approval.ts";
import type { Duration } from "../core/duration.ts";
import { badOption, durationOption, knownOptions, oneOf, strings, text } from "./known-options.ts";
import { paramsManifest } from "./params.ts";
import { readSchema } from "./workflow-options.ts";

/** What `ctx.approval` asks. */
export interface ApprovalOptions<F> {
  /** The question, in a line: `"Pay 12,000 EUR to ACME?"`. Of two with one title, the second asks again. */
  readonly title: string;
  /** What one should know to answer. Default: nothing. */
  readonly description?: string;
  /** A Standard Schema of what whoever approves fills in. Default: nothing. */
  readonly form?: F;
  /** Who may answer: names of users, and roles, of which a higher one may too. Default: whoever may act on runs, an `operator`. */
  readonly by?: string | readonly string[];
  /** How long it waits, from the first call on. Default: as long as it takes. */
  readonly timeout?: Duration;
  /** What follows when that time is over: as if it had been rejected, or approved, or an error, `APPROVAL_TIMED_OUT`. Default: `"reject"`. */
  readonly onTimeout?: "reject" | "approve" | "fail";
}

/** What came of it. */
export interface Approval<T> {
  readonly approved: boolean;
  /** What was filled in, as the schema gives it. `undefined` without a form, where it was rejected, and when nobody answered. */
  readonly form: T | undefined;
  /** Who answered, as the audit log has it; `null`: nobody did. */
  readonly by: string | null;
  readonly comment: string | null;
  readonly at: Date;
  /** Nobody answered in time. */
  readonly timedOut: boolean;
}

const APPROVAL_OPTIONS = [
  "title",
  "description",
  "form",
  "by",
  "timeout",
  "onTimeout",
] as const satisfies readonly (keyof ApprovalOptions<unknown>)[];

/** @throws TuttiError `UNKNOWN_OPTION`, `BAD_OPTION`, `BAD_DURATION` */
export function readApprovalOptions(given: ApprovalOptions<StandardSchemaV1>): Omit<
  ApprovalAsk,
  "id" | "askedAt" | "dueAt"
> & {
  readonly timeoutMs: number | null;
  readonly schema: StandardSchemaV1 | null;
} {
  const what = "ctx.approval";
  const options = knownOptions(given, APPROVAL_OPTIONS, what);
  const title = text(options.title, what, "title");
  if (title === null || title.trim() === "") throw badOption(what, "title", options.title, "a question in a line");
  const schema = readSchema(options.form, what, "form");
  const by = typeof options.by === "string" ? [options.by] : (strings(options.by, what, "by") ?? null);
  if (by !== null && by.length === 0)
    throw badOption(what, "by", options.by, "a list of names or roles; leave it out for anybody");
  return {
    title,
    description: text(options.description, what, "description"),
    form: paramsManifest(schema)?.schema ?? null,
    hasForm: schema !== null,
    by,
    onTimeout: oneOf(options.onTimeout, APPROVAL_TIMEOUTS, "reject", what, "onTimeout"),
    timeoutMs: durationOption(options.timeout, what, "timeout"),
    schema,
  };
}
