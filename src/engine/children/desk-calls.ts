import type { ErrorData } from "../../core/errors.ts";
import type { AlertCall, ParsedParams, VersionInfo, TriggerAnswer, TriggerQuestion } from "../../runtime/protocol.ts";
import type { DeskCall } from "./call-desk.ts";

/** Params, by the schema of a version. */
export const parseCall = (version: VersionInfo, input: string | null, limitMs: number): DeskCall<ParsedParams> => ({
  hash: version.hash,
  message: (request) => ({ kind: "parse", request, version, input }),
  limitMs,
  late: {
    name: "TimedOut",
    code: "PARAMS_TIMED_OUT",
    message: `The params of workflow "${version.workflow}" were not parsed within ${limitMs} ms. Does its schema, or the file's module level, wait for something?`,
  },
  failed: (error) => ({ ok: false, error }),
});

/** The child itself ends what waits; this is for what blocks it. */
const BLOCKED_MS = 2_000;

/** An alert, for one receiver. */
export const alertCall = (call: AlertCall): DeskCall<ErrorData | null> => ({
  hash: call.code.hash,
  message: (request) => ({ kind: "alert", request, call }),
  limitMs: call.limitMs + BLOCKED_MS,
  late: {
    name: "TimedOut",
    code: "ALERT_TIMED_OUT",
    message: `It was not told within ${call.limitMs} ms, and blocked its process. Does it wait for something in a loop?`,
  },
  failed: (error) => error,
});

/** What a child has beyond the limit of its own function, to say so itself. */
const SLACK_MS = 2_000;

/** The functions of a trigger. `limitMs`: for those that answer at once. */
export const triggerCall = (
  version: VersionInfo,
  question: TriggerQuestion,
  limitMs: number,
): DeskCall<TriggerAnswer> => {
  const limit = question.kind === "poll" ? question.timeoutMs + SLACK_MS : limitMs;
  const message = `Trigger "${question.trigger}" of workflow "${version.workflow}" did not answer within ${limit} ms. Does one of its functions wait for something?`;
  return {
    hash: version.hash,
    message: (request) => ({ kind: "ask", request, version, question }),
    limitMs: limit,
    late: { name: "TimedOut", code: "TRIGGER_TIMED_OUT", message },
    failed: (error) => ({ ok: false, error }),
  };
};
