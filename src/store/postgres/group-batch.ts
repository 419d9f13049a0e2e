import { RUN_STATES, type RunState } from "../../core/run-state.ts";
import { TASK_RUN_STATES, type TaskRunState } from "../../core/task-run-state.ts";
import { checkRunStep } from "../guard.ts";
import { count, type StateCounts } from "../state-counts.ts";
import type { DrawerWrite, NewAttempt, NewTaskRun, RunGroup } from "../store.ts";
import { fromMapIndex, packEnd } from "../task-run-row.ts";
import { toUuid } from "./run-uuid.ts";
import { drawerRow } from "./drawer.sql.ts";
import { patchesOf, patchRow, type TaskRunPatch } from "./task-run-patch.ts";
import type { Batch } from "./writer.sql.ts";

/** A group whose rows know their ids, checked against the state tables. */
export interface PreparedGroup {
  readonly group: RunGroup;
  readonly uuid: string;
  /** Of its inserts, in their order. */
  readonly ids: readonly number[];
  /** `null`: its changes contradict each other, so it cannot apply. */
  readonly patches: readonly TaskRunPatch[] | null;
}

/** @throws Error when a step is not in the state tables, before anything is written. */
export function prepare(group: RunGroup, ids: readonly number[]): PreparedGroup {
  const uuid = toUuid(group.runId);
  if (uuid === null) throw new Error(`"${group.runId}" is not the id of a run.`);
  return { group, uuid, ids, patches: patchesOf(group.changes) };
}

type Rows = { readonly [Part in Exclude<keyof Batch, "runs" | "task_runs">]: object[] };

/** The rows of several groups, each with its group's place from 1, sorted so that two batches lock runs in the same order. */
export function toBatch(groups: readonly PreparedGroup[]): Batch {
  const rows: Rows = {
    creates: [],
    advances: [],
    run_changes: [],
    drawers: [],
    changes: [],
    inserts: [],
    attempts: [],
    offers: [],
    results: [],
  };
  groups.forEach((prepared, index) => addGroup(rows, prepared, index + 1));
  rows.advances.sort(byRun);
  rows.run_changes.sort(byRun);
  const parts = Object.entries(rows).map(([part, list]) => [part, list.length === 0 ? null : JSON.stringify(list)]);
  const taskRuns = groups.flatMap(({ patches }) => (patches ?? []).map(({ id }) => id));
  return {
    runs: `{${groups.map(({ uuid }) => uuid).join(",")}}`,
    task_runs: `{${taskRuns.join(",")}}`,
    ...(Object.fromEntries(parts) as { readonly [Part in keyof Rows]: string | null }),
  };
}

/** As `toBatch`, for groups that are written one after the other: JSON within JSON. */
export const toBatches = (groups: readonly PreparedGroup[]): string =>
  `[${groups.map((prepared) => batchText(toBatch([prepared]))).join(",")}]`;

const batchText = ({ runs, task_runs, ...parts }: Batch): string =>
  `{"runs":"${runs}","task_runs":"${task_runs}",${Object.entries(parts)
    .filter(([, text]) => text !== null)
    .map(([part, text]) => `"${part}":${text}`)
    .join(",")}}`;

function addGroup(rows: Rows, { group, uuid, ids, patches }: PreparedGroup, place: number): void {
  addRun(rows, group, uuid, place, countsOf(group, patches ?? []));
  for (const drawer of lastWrites(group.drawers)) rows.drawers.push(drawerRow(place, drawer));
  for (const patch of patches ?? []) rows.changes.push(patchRow(place, patch));
  group.inserts.forEach((insert, index) => rows.inserts.push(insertRow(place, ids[index]!, insert)));
  group.attempts.forEach((attempt, ordinal) =>
    rows.attempts.push(attemptRow(place, group.revision + 1, ordinal, attempt, ids)),
  );
  for (const { taskRun, ...offer } of group.offers ?? [])
    rows.offers.push({ place, task_run: idOf(taskRun, ids), ...offer });
  for (const id of group.results ?? []) rows.results.push({ place, id });
}

function addRun(rows: Rows, { create, run, revision }: RunGroup, uuid: string, place: number, counts: string): void {
  if (create !== null) rows.creates.push(createRow(place, uuid, create, run ?? {}, counts));
  else if (run === null) rows.advances.push({ place, id: uuid, revision, counts });
  else rows.run_changes.push(runChangeRow({ place, id: uuid, revision, counts }, run));
}

function createRow(
  place: number,
  uuid: string,
  create: NonNullable<RunGroup["create"]>,
  change: NonNullable<RunGroup["run"]>,
  counts: string,
) {
  const state = change.state ?? create.state;
  checkRunStep(create.id, create.state, state, false);
  return {
    place,
    id: uuid,
    version: change.versionId ?? create.versionId,
    state,
    generation: change.generation ?? create.generation,
    trigger: create.trigger,
    interval_start: create.intervalStart,
    interval_end: create.intervalEnd,
    date: create.date,
    timezone: create.timezone,
    cancel_requested: change.cancelRequested ?? false,
    created_at: create.createdAt,
    started_at: change.startedAt ?? null,
    ended_at: change.endedAt ?? null,
    counts,
    input: create.paramsInput,
    parsed: create.params,
    lists: create.paramsLists === null ? null : JSON.stringify(create.paramsLists),
  };
}

function runChangeRow(row: object, change: NonNullable<RunGroup["run"]>) {
  const { state, generation, versionId, cancelRequested, timedOut, startedAt, endedAt } = change;
  return {
    ...row,
    ...(state !== undefined && { state, steps: statesBefore(state, false), openings: statesBefore(state, true) }),
    generation,
    version: versionId,
    cancel_requested: cancelRequested,
    timed_out: timedOut,
    started_at: startedAt,
    ...(endedAt !== undefined && { sets_end: true, ended_at: endedAt }),
  };
}

/** Derived from the state table: where a run may come from. */
function statesBefore(to: RunState, newGeneration: boolean): readonly RunState[] {
  return RUN_STATES.filter((from) => {
    try {
      checkRunStep("", from, to, newGeneration);
      return true;
    } catch {
      return false;
    }
  });
}

/** What the group does to its run's counters, as an array of PostgreSQL in the order of the states. */
function countsOf({ inserts }: RunGroup, patches: readonly TaskRunPatch[]): string {
  const counts: StateCounts<TaskRunState> = {};
  for (const insert of inserts) count(counts, insert.state, 1);
  for (const { was, state } of patches) {
    count(counts, was, -1);
    count(counts, state, 1);
  }
  return `{${TASK_RUN_STATES.map((state) => counts[state] ?? 0).join(",")}}`;
}

// A statement writes a key once; of several writes the last one counts.
function lastWrites(drawers: readonly DrawerWrite[]): Iterable<DrawerWrite> {
  if (drawers.length < 2) return drawers;
  return new Map(drawers.map((drawer) => [JSON.stringify(drawer.to), drawer])).values();
}

/** Without what is the column's default: ten thousand rows of a fan-out are half as long. */
function insertRow(place: number, id: number, insert: NewTaskRun): object {
  const row = {
    place,
    id,
    task: insert.taskId,
    map_index: fromMapIndex(insert.mapIndex),
    state: insert.state,
    generation: insert.generation,
    queued_at: insert.queuedAt,
  };
  if (insert.state === "queued" && insert.claim === 0 && insert.attempt === 1) return row;
  return {
    ...row,
    claim: insert.claim,
    attempt: insert.attempt,
    worker: insert.worker,
    claimed_at: insert.claimedAt,
    ended_at: insert.endedAt,
    result: packEnd(insert.error, insert.skipReason),
  };
}

const attemptRow = (
  place: number,
  revision: number,
  ordinal: number,
  attempt: NewAttempt,
  ids: readonly number[],
): object => ({
  place,
  revision,
  ordinal,
  task_run: idOf(attempt.taskRun, ids),
  generation: attempt.generation,
  attempt: attempt.attempt,
  claim: attempt.claim,
  worker: attempt.worker,
  version: attempt.versionId,
  waited_for: attempt.waitedFor,
  queued_at: attempt.queuedAt,
  claimed_at: attempt.claimedAt,
  started_at: attempt.startedAt,
  ended_at: attempt.endedAt,
  outcome: attempt.outcome,
  error: attempt.error === null ? null : JSON.stringify(attempt.error),
});

const idOf = (taskRun: NewAttempt["taskRun"], ids: readonly number[]): number =>
  "id" in taskRun ? taskRun.id : ids[taskRun.insert]!;

const byRun = (a: object, b: object): number => ((a as { id: string }).id < (b as { id: string }).id ? -1 : 1);
