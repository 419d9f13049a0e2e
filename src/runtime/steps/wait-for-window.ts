import { RunFailed, type WaitForWindowOptions, type WindowRun } from "../../authoring/workflow-run.ts";
import { badOption, durationOption, knownOptions, oneOf } from "../../authoring/known-options.ts";
import { addMs, dateFromInstant, type Instant, instantFromDate } from "../../core/clock.ts";
import { toErrorData } from "../../core/error-data.ts";
import { TuttiError } from "../../core/errors.ts";
import type { WindowOfRun } from "../../core/run-call.ts";
import { coverOf, failedIn } from "../../core/window-cover.ts";
import { NEVER } from "../../core/wait.ts";
import { calledWorkflow } from "./called-workflow.ts";
import type { StepBook } from "./step-book.ts";
import { recordedError } from "./step-error.ts";
import type { CalledRun, EndRecord } from "./step-record.ts";
import type { StepPorts } from "./steps.ts";
import { beginWait } from "./wait-for-event.ts";

type WindowPorts = Pick<StepPorts, "events" | "runs" | "now" | "interval" | "workflow" | "canPark">;

interface Wanted {
  readonly workflow: string;
  readonly start: Instant;
  readonly end: Instant;
  readonly onFailure: "wait" | "fail";
}

const OPTIONS = ["interval", "timeout", "onFailure"] as const satisfies readonly (keyof WaitForWindowOptions)[];

/** A run that ended in the moment in which this one began to listen may not have told it: it looks once more. */
const LOOK_AGAIN_MS = 10_000;

/** @throws RunFailed with `onFailure: "fail"`; TuttiError `NOT_A_WORKFLOW`, `UNKNOWN_OPTION`, `BAD_OPTION`, `BAD_DURATION`, `WAITS_FOR_ITSELF`, `WINDOW_TIMED_OUT` */
export async function waitForWindow(
  workflow: unknown,
  options: WaitForWindowOptions,
  book: StepBook,
  ports: WindowPorts,
): Promise<readonly WindowRun[]> {
  const name = calledWorkflow(workflow, "ctx.waitForWindow");
  const what = `ctx.waitForWindow(${JSON.stringify(name)})`;
  const { timeoutMs, ...wanted } = readWanted(name, options, what, ports);
  book.checkPlace(what);
  if (!ports.canPark)
    throw new TuttiError(
      "RUN_OUTSIDE_WORKFLOW",
      `${what} was called where there are no other workflows, as in a test of one task. Test what comes after it, or the whole workflow.`,
    );
  const id = book.open("sleep", what, `${wanted.start}/${wanted.end}`);
  const known = await book.recorded(id);
  if (known) return again(known, name, book);
  await book.parking.whileWriting(() => ports.runs({ kind: "follow", workflow: name }));
  const begun = await beginWait(id, { name, timeoutMs }, book, ports);
  try {
    const runs = await covering(wanted, { what, dueAt: begun.dueAt, mark: begun.mark ?? "" }, book, ports);
    await book.write({ kind: "called", id, runs: runs.map(({ id: run, start, end }) => ({ id: run, start, end })) });
    return runs.map(windowRun);
  } catch (thrown) {
    if (thrown instanceof RunFailed || thrown instanceof WindowTimedOut)
      await book.noteFailure(thrown, { kind: "failed", id, ...failureOf(thrown) });
    throw thrown;
  }
}

class WindowTimedOut extends TuttiError {}

const failureOf = (thrown: RunFailed | WindowTimedOut) => ({
  error: toErrorData(thrown),
  ...(thrown instanceof RunFailed && { state: thrown.state, run: thrown.runId }),
});

/** As it ended before. */
function again(record: EndRecord, workflow: string, book: StepBook): readonly WindowRun[] {
  if (record.kind === "called") return record.runs.map(windowRun);
  if (record.kind !== "failed") return [];
  const { state, run, error } = record;
  const thrown =
    run !== undefined && (state === "failed" || state === "cancelled")
      ? new RunFailed(run, workflow, state, error.message)
      : recordedError(error);
  book.knownFailure(thrown, record);
  throw thrown;
}

function readWanted(
  workflow: string,
  given: WaitForWindowOptions,
  what: string,
  ports: WindowPorts,
): Wanted & { readonly timeoutMs: number | null } {
  const options = knownOptions(given, OPTIONS, what);
  const { interval } = options;
  const isInterval =
    interval === undefined || (isDate(interval?.start) && isDate(interval.end) && interval.start <= interval.end);
  if (!isInterval) throw badOption(what, "interval", interval, "{ start, end }, two dates, such as ctx.interval");
  const window = interval
    ? { start: instantFromDate(interval.start), end: instantFromDate(interval.end) }
    : ports.interval;
  const { start, end } = window;
  if (workflow === ports.workflow && start < ports.interval.end && end > ports.interval.start)
    throw new TuttiError(
      "WAITS_FOR_ITSELF",
      `${what} waits for the window that this run itself is to do, so neither would ever end. Wait for an earlier window, or use dependsOnPast.`,
    );
  return {
    workflow,
    start,
    end,
    onFailure: oneOf(options.onFailure, ["wait", "fail"] as const, "wait", what, "onFailure"),
    timeoutMs: durationOption(options.timeout, what, "timeout"),
  };
}

const isDate = (value: unknown): value is Date => value instanceof Date && !Number.isNaN(value.getTime());

async function covering(
  { workflow, start, end, onFailure }: Wanted,
  from: { readonly what: string; readonly dueAt: Instant; readonly mark: string },
  { parking }: StepBook,
  ports: WindowPorts,
): Promise<readonly WindowOfRun[]> {
  let { mark } = from;
  let lookAt: Instant = addMs(ports.now(), LOOK_AGAIN_MS);
  for (;;) {
    const { said, found } = await parking.whileWriting(async () => ({
      said: await ports.events(workflow, mark),
      found: (await ports.runs<readonly WindowOfRun[]>({ kind: "windows", workflow, start, end })) ?? [],
    }));
    const cover = coverOf(
      { start, end },
      found.filter(({ state }) => state === "succeeded"),
    );
    if (cover !== null) return cover;
    const failed = onFailure === "fail" ? failedIn({ start, end }, found) : null;
    if (failed !== null) throw ended(failed, workflow);
    if (ports.now() >= from.dueAt)
      throw new WindowTimedOut(
        "WINDOW_TIMED_OUT",
        `${from.what} gave up: workflow "${workflow}" has not done ${isoOf(start)} to ${isoOf(end)} in time. Why: tutti why ${workflow}`,
      );
    ({ mark } = said);
    await parking.wait(Math.min(from.dueAt, lookAt), { event: { name: workflow, after: mark, fields: {} } });
    if (ports.now() >= lookAt) lookAt = NEVER;
  }
}

const isoOf = (at: Instant): string => dateFromInstant(at).toISOString();

const ended = ({ id, state, start, end }: WindowOfRun, workflow: string): RunFailed =>
  new RunFailed(
    id,
    workflow,
    state === "cancelled" ? "cancelled" : "failed",
    `Run "${id}" of workflow "${workflow}", of ${isoOf(start)} to ${isoOf(end)}, ${state === "cancelled" ? "was cancelled" : "failed"}`,
  );

const windowRun = ({ id, start = 0, end = 0 }: CalledRun): WindowRun => ({
  id,
  interval: { start: dateFromInstant(start), end: dateFromInstant(end) },
});
