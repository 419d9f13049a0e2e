import { decodeValue } from "../../core/value-codec.ts";
import type { StoredValue } from "../../core/value.ts";
import { NEVER } from "../../core/wait.ts";
import type { ErrorData } from "../../core/errors.ts";
import { standingTasks } from "../../core/manifest.ts";
import type { AttemptView, RunView, TaskRunView, WaitView } from "../../store/store-view.ts";
import { plainValue } from "../../core/plain-value.ts";
import { isoText } from "./time-text.ts";

/** The document of `run --json`: the run, and every task of its graph, also one that was never executed. */
export function runDocument({ run, version, taskRuns }: RunView, attempts: readonly AttemptView[]): object {
  const { id, workflow, state, intervalStart, intervalEnd, partition, params, startedAt, endedAt } = run;
  const executed = executedAttempts(attempts);
  const present = taskRuns.filter((row) => row.state !== "removed");
  const known = Map.groupBy(present, (row) => row.task);
  const named = standingTasks(version.manifest).map(({ name }) => name);
  // What the body of a flow has asked for stands behind it. And a task that is gone from the version since a retry still has what it did.
  const names = [...named, ...[...known.keys()].filter((name) => !named.includes(name))];
  return {
    run: {
      id,
      workflow,
      version: version.hash,
      state,
      interval: { start: isoText(intervalStart), end: isoText(intervalEnd) },
      ...(partition !== undefined && { partition }),
      params: params === null ? null : plainValue(decodeValue(params)),
      startedAt: isoText(startedAt),
      endedAt: isoText(endedAt),
    },
    tasks: names.flatMap((name) => known.get(name)?.map((row) => taskDocument(row, executed)) ?? [waiting(name)]),
  };
}

/** How often each task run's own code was begun in its present generation. A worker that was lost spends no attempt. */
function executedAttempts(attempts: readonly AttemptView[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { taskRunId, generation, attempt, claim, outcome } of attempts) {
    if (claim === 0 || outcome === "lost") continue;
    const key = `${taskRunId} ${generation}`;
    counts.set(key, Math.max(attempt, counts.get(key) ?? 0));
  }
  return counts;
}

function taskDocument(row: TaskRunView, executed: ReadonlyMap<string, number>): object {
  const { id, task, mapIndex, state, generation, attempt, startedAt, endedAt, output, arms, error, cached } = row;
  return {
    name: task,
    mapIndex,
    state,
    attempts: state === "running" || state === "deferred" ? attempt : (executed.get(`${id} ${generation}`) ?? 0),
    startedAt: isoText(startedAt),
    endedAt: isoText(endedAt),
    ...(output === null ? {} : outputDocument(output)),
    ...(state === "deferred" && row.wait !== null ? { waits: waitDocument(row.wait) } : {}),
    // Whose value it took.
    ...(cached ? { cached: { run: cached.runId, madeAt: isoText(cached.madeAt) } } : {}),
    // What a branch chose.
    ...(arms === null ? {} : { arms }),
    ...(error === null ? {} : { error: errorDocument(error) }),
  };
}

/** What it gave its slot back for, and until when. */
const waitDocument = ({ kind, dueAt, events, tasks, checks, since }: WaitView): object => ({
  for: kind,
  until: dueAt === NEVER ? null : isoText(dueAt),
  ...(events && { events: events.map(({ name }) => name) }),
  ...(tasks && { tasks: tasks.reduce((count, { from, to }) => count + to - from + 1, 0) }),
  ...(checks === undefined ? {} : { checks, since: isoText(since ?? null) }),
});

const waiting = (name: string): object => ({
  name,
  mapIndex: null,
  state: "waiting",
  attempts: 0,
  startedAt: null,
  endedAt: null,
});

function outputDocument(output: StoredValue): { output?: unknown } {
  if (output.kind === "frame") return { output: { artifact: output.uri, size: output.bytes } };
  const value = decodeValue(output.text);
  return value === undefined ? {} : { output: plainValue(value) };
}

const errorDocument = ({ name, message, code, stack, cause }: ErrorData): object => ({
  name,
  message,
  ...(code === undefined ? {} : { code }),
  ...(stack === undefined ? {} : { stack }),
  ...(cause === undefined ? {} : { cause: errorDocument(cause) }),
});
