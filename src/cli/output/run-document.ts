import { decodeValue } from "../../core/value-codec.ts";
import type { StoredValue } from "../../core/value.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { AttemptRecord, RunDetail, TaskRunDetail } from "../../store/reader.ts";
import { plainValue } from "./plain-value.ts";
import { isoText } from "./time-text.ts";

/** The document of `run --json`: the run, and every task of its graph, also one that was never executed. */
export function runDocument({ run, version, taskRuns }: RunDetail, attempts: readonly AttemptRecord[]): object {
  const { id, workflow, state, intervalStart, intervalEnd, params, startedAt, endedAt } = run;
  const executed = executedAttempts(attempts);
  const present = taskRuns.filter((row) => row.state !== "removed");
  const known = Map.groupBy(present, (row) => row.task);
  const named = version.manifest.tasks.map(({ name }) => name);
  // A task that is gone from the version since a retry still has what it did.
  const names = [...named, ...[...known.keys()].filter((name) => !named.includes(name))];
  return {
    run: {
      id,
      workflow,
      version: version.hash,
      state,
      interval: { start: isoText(intervalStart), end: isoText(intervalEnd) },
      params: params === null ? null : plainValue(decodeValue(params)),
      startedAt: isoText(startedAt),
      endedAt: isoText(endedAt),
    },
    tasks: names.flatMap((name) => known.get(name)?.map((row) => taskDocument(row, executed)) ?? [waiting(name)]),
  };
}

/** How often each task run's own code was begun in its present generation. A worker that was lost spends no attempt. */
function executedAttempts(attempts: readonly AttemptRecord[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { taskRunId, generation, attempt, claim, outcome } of attempts) {
    if (claim === 0 || outcome === "lost") continue;
    const key = `${taskRunId} ${generation}`;
    counts.set(key, Math.max(attempt, counts.get(key) ?? 0));
  }
  return counts;
}

function taskDocument(row: TaskRunDetail, executed: ReadonlyMap<string, number>): object {
  const { id, task, mapIndex, state, generation, attempt, startedAt, endedAt, output, arms, error } = row;
  return {
    name: task,
    mapIndex,
    state,
    attempts: state === "running" ? attempt : (executed.get(`${id} ${generation}`) ?? 0),
    startedAt: isoText(startedAt),
    endedAt: isoText(endedAt),
    ...(output === null ? {} : outputDocument(output)),
    // What a branch chose.
    ...(arms === null ? {} : { arms }),
    ...(error === null ? {} : { error: errorDocument(error) }),
  };
}

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
