import { isEndedRun, RUN_TRANSITIONS, type RunState } from "../../../src/core/run-state.ts";
import { isEndedTaskRun, TASK_RUN_TRANSITIONS, type TaskRunState } from "../../../src/core/task-run-state.ts";
import type { RunRecord, TaskRunRecord } from "../../../src/store/store.ts";
import { type Commit, type Invariant, nameOf } from "../invariant.ts";

/** A commit may take several steps at once: what it comes to must be reachable, and an ended task run moves only in a new generation. */
export class StepsFollowTheTables implements Invariant {
  readonly fact = "state steps only as the tables allow; claims and generations only rise";

  *committed({ before, after }: Commit): Iterable<string> {
    if (after && isEndedRun(after.run.state)) yield* unended(after.taskRuns.values());
    if (!before || !after) return;
    yield* runStep(before.run, after.run);
    for (const row of before.taskRuns.values()) {
      const now = after.taskRuns.get(row.id);
      if (now) yield* taskRunStep(row, now);
      else yield `${nameOf(row)} is gone`;
    }
  }
}

function* unended(rows: Iterable<TaskRunRecord>): Iterable<string> {
  for (const row of rows) if (!isEndedTaskRun(row.state)) yield `the run has ended, and ${nameOf(row)} is ${row.state}`;
}

function* runStep(before: RunRecord, after: RunRecord): Iterable<string> {
  if (after.generation < before.generation)
    yield `the run's generation falls from ${before.generation} to ${after.generation}`;
  if (after.generation > before.generation && !isEndedRun(before.state))
    yield `a run that is ${before.state} gets generation ${after.generation}`;
  if (after.generation === before.generation && !reaches(RUN_TRANSITIONS, before.state, after.state))
    yield `the run goes from ${before.state} to ${after.state}`;
}

function* taskRunStep(before: TaskRunRecord, after: TaskRunRecord): Iterable<string> {
  const name = nameOf(before);
  if (after.claim < before.claim) yield `${name}: the claim falls from ${before.claim} to ${after.claim}`;
  if (after.claim > before.claim + 1) yield `${name}: the claim jumps from ${before.claim} to ${after.claim}`;
  if (after.generation < before.generation)
    yield `${name}: the generation falls from ${before.generation} to ${after.generation}`;
  if (after.generation > before.generation) {
    // Marked by a user, it was cancelled first, in the same commit.
    const marked = isEndedTaskRun(after.state) && after.claim === before.claim;
    if (
      !isEndedTaskRun(before.state) &&
      !marked &&
      after.generation === before.generation + 1 &&
      before.state !== "running"
    )
      yield `${name} is re-opened while it is ${before.state}`;
    return;
  }
  if (!reaches(TASK_RUN_TRANSITIONS, before.state, after.state))
    yield `${name} goes from ${before.state} to ${after.state}`;
  if (after.attempt < before.attempt) yield `${name}: the attempt falls from ${before.attempt} to ${after.attempt}`;
}

function reaches<State extends RunState | TaskRunState>(
  table: Record<State, readonly State[]>,
  from: State,
  to: State,
): boolean {
  const seen = new Set([from]);
  for (const state of seen) for (const next of table[state]) seen.add(next);
  return seen.has(to);
}
