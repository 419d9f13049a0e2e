import { toErrorData } from "../../core/error-data.ts";
import type { Instant } from "../../core/clock.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { DecidedWindow } from "../../core/schedule-owed.ts";
import { decodeValue } from "../../core/value-codec.ts";
import type { NewWindow, ScheduleDecision } from "../../store/schedules.ts";
import { newRun } from "../new-run.ts";
import type { AcceptedParams } from "../parse-params.ts";
import { isPassing } from "../patience.ts";
import type { KnownSchedule } from "./known-schedule.ts";
import type { RunStarter } from "./run-starter.ts";

/** What was decided about a schedule, with the runs that it takes. */
export interface WindowRuns {
  readonly known: KnownSchedule;
  readonly decision: ScheduleDecision;
  /** The params of the schedule are no longer what its version takes: its windows have no runs. */
  readonly refused: ErrorData | null;
}

/** @throws what passes: the store or the code could not be had just now */
export async function windowRuns(
  known: KnownSchedule,
  decided: readonly DecidedWindow[],
  starter: RunStarter,
  { now, newId }: { readonly now: Instant; readonly newId: () => string },
): Promise<WindowRuns> {
  const { record, version, schedule, limits } = known;
  const runs = decided.some(({ state }) => state === "run");
  const input = schedule.params === undefined ? undefined : decodeValue(schedule.params);
  const parsed = runs ? await parse(known, input, starter) : null;
  const refused = parsed !== null && "error" in parsed ? parsed.error : null;
  const windows = decided.map(({ window, state, cursor }): NewWindow => {
    const { schedule: _, rule: _rule, ...local } = cursor;
    const row = { ...local, startsAt: window.start, held: limits.holds };
    if (state !== "run" || parsed === null || "error" in parsed)
      return { ...row, state: state === "run" ? "missed" : state, run: null };
    const accepted = { versionId: version.id, input, parsed, window, trigger: "schedule" as const };
    return { ...row, state, run: newRun({ id: newId(), ...accepted }, now) };
  });
  const { cursor } = decided.at(-1)!;
  const { id, revision } = record;
  return { known, decision: { schedule: id, revision, versionId: version.id, cursor, windows }, refused };
}

async function parse(
  { version }: KnownSchedule,
  input: unknown,
  starter: RunStarter,
): Promise<AcceptedParams | { readonly error: ErrorData }> {
  try {
    return await starter.parse(version, input);
  } catch (thrown) {
    const error = toErrorData(thrown);
    if (isPassing(thrown) || error.code?.startsWith("PARAMS_") !== true) throw thrown;
    return { error };
  }
}
