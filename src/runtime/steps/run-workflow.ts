import { randomBytes } from "node:crypto";
import { RunFailed, type WorkflowRun } from "../../authoring/workflow-run.ts";
import { toErrorData } from "../../core/error-data.ts";
import { type ErrorData, TuttiError } from "../../core/errors.ts";
import type { StartEvent } from "../../core/event.ts";
import { REFUSED_RUN, type RunAsk, type RunEnd } from "../../core/run-call.ts";
import { runIdFrom } from "../../core/run-id.ts";
import { isEndedRun } from "../../core/run-state.ts";
import { encodedBytes, encodeValue } from "../../core/value-codec.ts";
import { NEVER } from "../../core/wait.ts";
import { calledWorkflow } from "./called-workflow.ts";
import type { StepBook } from "./step-book.ts";
import { recordedError } from "./step-error.ts";
import type { StepId, StepRecord } from "./step-record.ts";
import { inputKeyOf } from "./task-runs.ts";
import type { StepPorts } from "./steps.ts";

type CallPorts = Pick<StepPorts, "events" | "runs" | "now" | "tasks" | "maxBytes" | "storedOutput" | "canPark">;
type Called = RunAsk & { readonly mark: string };

/**
 * Starts a run of another workflow and waits for its end. Which run it is stands in the record before anybody is asked for it; the question travels
 * with the slot that is given back, and whoever advances this run starts what is not there yet.
 *
 * @throws RunFailed; TuttiError `NOT_A_WORKFLOW`, `STEP_TOO_LARGE`, what the start was refused with
 */
export async function runWorkflow(
  workflow: unknown,
  params: unknown,
  book: StepBook,
  ports: CallPorts,
): Promise<WorkflowRun> {
  const name = calledWorkflow(workflow, "ctx.runWorkflow");
  const what = `ctx.runWorkflow(${JSON.stringify(name)})`;
  book.checkPlace(what);
  if (!ports.canPark)
    throw new TuttiError(
      "RUN_OUTSIDE_WORKFLOW",
      `${what} was called where there are no other workflows, as in a test of one task. Test it with runWorkflow(workflow, { workflows: [${name}] }).`,
    );
  const text = params === undefined ? null : encoded(params, name, ports.maxBytes);
  const id = book.open("sleep", what, inputKeyOf(text ?? ""));
  const known = await book.recorded(id);
  if (known) return again(known, { id, name, params: text }, book, ports);
  const called = await beginCall(id, { name, params: text }, book, ports);
  try {
    const end = await endOf(called, book, ports);
    if (end.state !== "succeeded") throw runFailed(called, end);
    book.checkOver(`Run "${called.id}" ended`);
    await book.write({ kind: "called", id, runs: [{ id: called.id }] });
    return { id: called.id, output: outputOf(end, ports) };
  } catch (thrown) {
    if (isOfTheRun(thrown)) await book.noteFailure(thrown, failedCall(id, thrown));
    throw thrown;
  }
}

function encoded(params: unknown, workflow: string, maxBytes: number): string {
  const text = encodeValue(params, { at: `the params of workflow "${workflow}"` });
  const bytes = encodedBytes(text);
  if (bytes <= maxBytes) return text;
  throw new TuttiError(
    "STEP_TOO_LARGE",
    `The params of workflow "${workflow}" have ${bytes} bytes; a run is started with at most ${maxBytes}. Write them somewhere and pass where they are.`,
  );
}

/** The run of this attempt, or of an earlier one that may still succeed. Durable before anybody is asked for it. */
async function beginCall(
  id: StepId,
  { name, params }: { readonly name: string; readonly params: string | null },
  { journal, parking, replay }: StepBook,
  ports: CallPorts,
): Promise<Called> {
  await parking.awake();
  const begun = replay?.begun(id);
  const { during } = ports.tasks;
  return parking.whileWriting(async () => {
    if (begun?.run !== undefined) {
      const called = { id: begun.run, workflow: name, params, mark: begun.mark ?? "" };
      // What failed in an earlier attempt has another chance in this one.
      if (begun.during === during || !(await isLost(called, ports))) return called;
    }
    const mark = await newMark(name, ports);
    const at = ports.now();
    const run = runIdFrom(at, randomBytes(10));
    await journal.write({ kind: "sleep", id, dueAt: NEVER, mark, at, run, during });
    return { id: run, workflow: name, params, mark };
  });
}

/** From now on ends of its runs are told. */
async function newMark(workflow: string, ports: Pick<CallPorts, "runs" | "events">): Promise<string> {
  await ports.runs({ kind: "follow", workflow });
  return (await ports.events(workflow, null)).mark;
}

async function isLost(called: Called, ports: Pick<CallPorts, "runs" | "events">): Promise<boolean> {
  const end = await ports.runs<RunEnd>({ kind: "end", run: called.id });
  if (end !== null) return isEndedRun(end.state) && end.state !== "succeeded";
  return refusalIn((await ports.events(called.workflow, called.mark)).events, called) !== null;
}

/** Looks at what was said before it looks at the run: what comes in between wakes it. */
async function endOf(called: Called, { parking }: StepBook, ports: CallPorts): Promise<RunEnd> {
  const { mark: from, ...run } = called;
  for (let mark = from; ;) {
    const looked = await parking.whileWriting(async () => {
      const said = await ports.events(run.workflow, mark);
      return { said, end: await ports.runs<RunEnd>({ kind: "end", run: run.id }) };
    });
    if (looked.end !== null && isEndedRun(looked.end.state)) return looked.end;
    const refusal = looked.end === null ? refusalIn(looked.said.events, run) : null;
    if (refusal !== null) throw refused(run, refusal);
    ({ mark } = looked.said);
    const fields = { runId: run.id };
    await parking.wait(NEVER, { event: { name: run.workflow, after: mark, fields }, run });
  }
}

function refusalIn(events: readonly StartEvent[], { id }: Pick<RunAsk, "id">): ErrorData | null {
  for (const { kind, payload } of events) {
    const { runId, error } = payload as { readonly runId: string; readonly error: ErrorData };
    if (kind === REFUSED_RUN && runId === id) return error;
  }
  return null;
}

/** It was never a run. */
const refused = ({ workflow }: RunAsk, { code, message }: ErrorData): TuttiError =>
  new RefusedRun(code ?? "RUN_REFUSED", `A run of workflow "${workflow}" could not be started: ${message}`);

class RefusedRun extends TuttiError {}

const isOfTheRun = (thrown: unknown): thrown is RunFailed | RefusedRun =>
  thrown instanceof RunFailed || thrown instanceof RefusedRun;

function runFailed({ id, workflow }: RunAsk, { state, tasks }: RunEnd): RunFailed {
  const how = state === "cancelled" ? "cancelled" : "failed";
  const [first] = tasks;
  const why = first?.error ? `: task "${first.name}" failed: ${first.error.message}` : "";
  return new RunFailed(
    id,
    workflow,
    how,
    `Run "${id}" of workflow "${workflow}" ${how === "failed" ? "failed" : "was cancelled"}${why}`,
    { ...(first?.error && { cause: recordedError(first.error) }) },
  );
}

function outputOf({ tasks, isFlow }: RunEnd, ports: Pick<CallPorts, "storedOutput">): unknown {
  if (isFlow) return ports.storedOutput(tasks[0]?.output ?? null);
  const outputs: Record<string, unknown> = {};
  for (const { name, mapped, output } of tasks) {
    const value = ports.storedOutput(output);
    if (mapped) ((outputs[name] ??= []) as unknown[]).push(value);
    else outputs[name] = value;
  }
  return outputs;
}

const failedCall = (id: StepId, thrown: RunFailed | RefusedRun): StepRecord => ({
  kind: "failed",
  id,
  error: toErrorData(thrown),
  ...(thrown instanceof RunFailed && { state: thrown.state, run: thrown.runId }),
});

/** As it ended before. */
async function again(
  record: StepRecord,
  { id, name, params }: { readonly id: StepId; readonly name: string; readonly params: string | null },
  book: StepBook,
  ports: CallPorts,
): Promise<WorkflowRun> {
  if (record.kind === "failed") {
    const { state, run, error } = record;
    const thrown =
      run !== undefined && (state === "failed" || state === "cancelled")
        ? new RunFailed(run, name, state, error.message, { ...(error.cause && { cause: recordedError(error.cause) }) })
        : recordedError(error);
    book.knownFailure(thrown, record);
    throw thrown;
  }
  const run = record.kind === "called" ? record.runs[0]!.id : "";
  const known = await book.parking.whileBusy(() => ports.runs<RunEnd>({ kind: "end", run }));
  if (known !== null) {
    // Somebody may have had it run anew since: what it had returned is there no more.
    const mark = isEndedRun(known.state) ? "" : await book.parking.whileBusy(() => newMark(name, ports));
    const called = { id: run, workflow: name, params, mark };
    const end = isEndedRun(known.state) ? known : await endOf(called, book, ports);
    if (end.state !== "succeeded") throw runFailed(called, end);
    return { id: run, output: outputOf(end, ports) };
  }
  throw new TuttiError(
    "RUN_GONE",
    `Run "${run}" of workflow "${name}", which step "${id.name}" had waited for, is there no more: retention has removed it. Start this task anew: tutti retry <run> --fresh`,
  );
}
