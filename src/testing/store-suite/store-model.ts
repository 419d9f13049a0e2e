import { ENDED_TASK_RUN_STATES, type TaskRunState } from "../../core/task-run-state.ts";
import type { StoredValue } from "../../core/value.ts";
import type { NewTaskRun, RunGroup, TaskRunChange, TaskRunRecord } from "../../store/store.ts";

type Row = { -readonly [Key in keyof TaskRunRecord]: TaskRunRecord[Key] } & { output: StoredValue | null };

interface ModelRun {
  revision: number;
  readonly rows: Map<number, Row>;
  attempts: number;
}

/** What a store must do with groups, in plain objects: small enough to be believed, and what stores are compared with. */
export class StoreModel {
  readonly runs = new Map<string, ModelRun>();

  /** Whether the group applies; when it does not, nothing of it happened. `firstId`: of its inserts, as the store gave them. */
  apply(group: RunGroup, firstId: number): boolean {
    const run = this.#runOf(group);
    if (run === null) return false;
    const rows = new Map([...run.rows].map(([id, row]) => [id, { ...row }]));
    for (const { to } of group.drawers) {
      const row = to.drawer === "steps" ? rows.get(to.taskRunId) : undefined;
      if (row) row.losses = 0;
    }
    if (!group.changes.every((change) => applyChange(rows, change))) return false;
    if (!group.inserts.every((insert, place) => applyInsert(rows, insert, firstId + place))) return false;
    this.runs.set(group.runId, { revision: run.revision + 1, rows, attempts: run.attempts + group.attempts.length });
    return true;
  }

  counts(runId: string): Partial<Record<TaskRunState, number>> {
    const counts: Partial<Record<TaskRunState, number>> = {};
    for (const { state } of this.runs.get(runId)?.rows.values() ?? []) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  }

  /** By id, as a store loads them: without outputs. */
  taskRuns(runId: string): TaskRunRecord[] {
    const rows = [...(this.runs.get(runId)?.rows.values() ?? [])];
    return rows.map(withoutOutput).toSorted((a, b) => a.id - b.id);
  }

  #runOf(group: RunGroup): ModelRun | null {
    const known = this.runs.get(group.runId);
    if (group.create !== null) return known === undefined ? { revision: 0, rows: new Map(), attempts: 0 } : null;
    return known !== undefined && known.revision === group.revision ? known : null;
  }
}

function withoutOutput(row: Row): TaskRunRecord {
  const { output: _output, ...record } = row;
  return record;
}

function applyInsert(rows: Map<number, Row>, insert: NewTaskRun, id: number): boolean {
  for (const row of rows.values()) if (row.taskId === insert.taskId && row.mapIndex === insert.mapIndex) return false;
  const fresh = {
    groupRetries: [],
    discarded: 0,
    losses: 0,
    startedAt: null,
    dueAt: null,
    wait: null,
    firstClaim: null,
    hasOutput: false,
    lists: null,
    arms: null,
    output: null,
  };
  rows.set(id, { ...insert, ...fresh, id });
  return true;
}

function applyChange(rows: Map<number, Row>, change: TaskRunChange): boolean {
  const row = rows.get(change.id);
  if (row === undefined || row.claim !== change.claim || !startsFrom(change, row.state)) return false;
  // Whose value it took goes with its result.
  if (change.kind !== "claim" && change.kind !== "requeue") Reflect.deleteProperty(row, "cached");
  Object.assign(row, effectOf(change, row));
  row.hasOutput = row.output !== null;
  return true;
}

function startsFrom(change: TaskRunChange, state: TaskRunState): boolean {
  if (change.kind === "claim") return state === "queued";
  if (change.kind === "finish" || change.kind === "retry" || change.kind === "defer") return state === "running";
  if (change.kind === "reopen" && !(ENDED_TASK_RUN_STATES as readonly TaskRunState[]).includes(state)) return false;
  return state === change.from;
}

const NO_RESULT = { wait: null, firstClaim: null, error: null, skipReason: null, arms: null, lists: null };

function effectOf(change: TaskRunChange, row: Row): Partial<Row> {
  switch (change.kind) {
    case "claim":
      return {
        state: "running",
        claim: row.claim + 1,
        worker: change.worker,
        claimedAt: change.at,
        startedAt: null,
        endedAt: null,
      };
    case "finish": {
      const { id: _id, claim: _claim, kind: _kind, ...rest } = change;
      return { ...NO_RESULT, ...rest, firstClaim: rest.firstClaim ?? null };
    }
    case "defer":
      return { ...NO_RESULT, state: "deferred", losses: 0, wait: change.wait, dueAt: change.wait.dueAt };
    case "retry":
      return { ...NO_RESULT, state: "up_for_retry", attempt: change.attempt, dueAt: change.dueAt, error: change.error };
    case "requeue":
      return {
        state: "queued",
        losses: change.losses,
        queuedAt: change.at,
        worker: null,
        claimedAt: null,
        startedAt: null,
        dueAt: null,
      };
    case "decide":
      if (change.to === "queued") return { ...NO_RESULT, state: "queued", queuedAt: change.at, dueAt: null };
      return {
        ...NO_RESULT,
        state: change.to,
        endedAt: change.at,
        dueAt: null,
        output: null,
        error: change.error,
        skipReason: change.skipReason,
      };
    case "reopen":
      return {
        ...NO_RESULT,
        state: "waiting",
        generation: change.generation,
        groupRetries: change.groupRetries,
        discarded: change.discarded,
        attempt: 1,
        losses: 0,
        worker: null,
        queuedAt: null,
        claimedAt: null,
        startedAt: null,
        endedAt: null,
        dueAt: null,
        output: null,
      };
  }
}
