import { STATE_AFTER, type BackfillAction, isEndedBackfill } from "../../core/backfill-state.ts";
import type { Instant } from "../../core/clock.ts";
import { addSkipped, beforeFirstRun, chosen, type ChosenWindow, endOf, judgeStep, toFound } from "../backfill-judge.ts";
import * as contract from "../backfills.ts";
import { type BackfillRow, type OutcomeRow, outcomesText, toBackfill } from "../backfills.ts";
import { workflowUnknown } from "../workflow-row.ts";
import * as sql from "./backfill.sql.ts";
import type { PostgresConnection, Session } from "./postgres-connection.ts";
import { newRunRow, pastAllows } from "./postgres-schedules.ts";
import { putRunPartitions } from "./run.sql.ts";
import { fromUuid, toUuid } from "./run-uuid.ts";
import { fromStoredText, toStoredText } from "../stored-text.ts";
import { getWorkflowId } from "./workflow.sql.ts";

/**
 * The backfills of a database, which any number of schedulers step at once. Locks are taken in the order workflow, backfill, windows;
 * decisions about schedules take the first of them too.
 */
export class PostgresBackfills implements contract.Backfills {
  readonly #connection: PostgresConnection;

  constructor(connection: PostgresConnection) {
    this.#connection = connection;
  }

  create({ workflow: given, plan, versionId: version, createdBy, ...row }: contract.NewBackfill) {
    return this.#connection.transaction(async (session) => {
      const found = await session.get<{ id: number }>(getWorkflowId({ name: toStoredText(given) }));
      if (found === null) throw workflowUnknown(given);
      const place = { workflow: found.id, name: toStoredText(plan.schedule.name) };
      await session.run(sql.ensureSchedule(place));
      const schedule = (await session.get<{ id: number }>(sql.getScheduleId(place)))!.id;
      const texts = { plan: JSON.stringify(plan), createdBy: toStoredText(createdBy) };
      await session.run(sql.insertBackfill({ ...row, ...texts, workflow: found.id, schedule, version }));
      return (await readBackfill(session, row.id))!;
    });
  }

  unended() {
    return this.#connection.snapshot(async (session) =>
      withOutcomes(session, await session.all<BackfillRow>(sql.listUnendedBackfills())),
    );
  }

  step(step: contract.BackfillStep) {
    return this.#connection.transaction(async (session) => {
      const place = await session.get<{ workflow: number; schedule: number }>(
        sql.lockWorkflowOfBackfill({ id: step.id }),
      );
      await session.run(sql.lockBackfill({ id: step.id }));
      const row = await session.get<BackfillRow>(sql.getBackfill({ id: step.id }));
      if (place === null || row === null || row.ended_at !== null || row.revision !== step.revision)
        return contract.DROPPED_STEP;
      const [record] = await withOutcomes(session, [row]);
      const taken =
        record!.state === "running" ? await take(session, step, record!, row.seq, place) : contract.DROPPED_STEP;
      const exhausted = step.exhausted && taken.judged.length === step.windows.length;
      return { ...taken, applied: true, after: await endIfOver(session, row.seq, step.id, exhausted, step.now) };
    });
  }

  async openRuns(id: string) {
    const rows = await this.#connection.all<{ uuid: string; reopens: boolean }>(sql.listOpenRuns({ id }));
    return rows.map(({ uuid, reopens }) => ({ runId: fromUuid(uuid), reopens }));
  }

  turn(id: string, action: BackfillAction, now: Instant) {
    return this.#connection.transaction(async (session) => {
      await session.run(sql.lockWorkflowOfBackfill({ id }));
      await session.run(sql.lockBackfill({ id }));
      const row = await session.get<BackfillRow>(sql.getBackfill({ id }));
      if (row !== null && !isEndedBackfill(row.state) && row.state !== STATE_AFTER[action]) {
        await session.run(sql.turnBackfill({ seq: row.seq, state: STATE_AFTER[action] }));
        if (action === "cancel") {
          await session.run(sql.leaveClosed({ backfill: row.seq }));
          await endIfOver(session, row.seq, id, false, now);
        }
      }
      return readBackfill(session, id);
    });
  }
}

async function take(
  session: Session,
  step: contract.BackfillStep,
  record: contract.BackfillRecord,
  seq: number,
  place: { readonly workflow: number; readonly schedule: number },
): Promise<Omit<contract.BackfillStepResult, "after">> {
  const { limits, windows, versionId } = step;
  const { workflow, schedule } = place;
  const found = await findWindows(session, schedule, windows);
  const counted = await session.get<{ active: number }>(sql.countActive({ workflow, held: Number(step.yields) }));
  const verdict = judgeStep({ record, step, active: counted!.active, found });
  let { judged } = verdict;
  let waits: contract.BackfillStepResult["waits"] = verdict.waits;
  let runs = chosen(step, judged, found);
  const [first] = runs;
  if (limits.past.length > 0 && first !== undefined) {
    const uuid = toUuid(first.reopens ?? first.candidate.run.id)!;
    if (!(await pastAllows(session, { uuid, schedule, starts_at: first.candidate.window.start }, limits.past))) {
      waits = "past";
      judged = beforeFirstRun(judged);
      runs = [];
    }
  }
  if (runs.length > 0) {
    const rows = JSON.stringify(runs.map(toRow));
    if (runs.some(({ candidate }) => candidate.run.partition !== undefined))
      await session.run(putRunPartitions({ runs: rows }));
    await session.run(sql.runWindows({ backfill: seq, workflow, schedule, version: versionId, windows: rows }));
  }
  if (judged.length > 0)
    await session.run(
      sql.advanceBackfill({
        seq,
        judged: judged.length,
        reached: windows[judged.length - 1]!.window.end,
        skipped: JSON.stringify(addSkipped(record.skipped, judged)),
      }),
    );
  return {
    applied: true,
    judged,
    runs: runs.flatMap(({ candidate, reopens }) => (reopens === null ? [candidate.run.id] : [])),
    reopens: runs.flatMap(({ reopens }) => (reopens === null ? [] : [reopens])),
    waits,
  };
}

async function findWindows(session: Session, schedule: number, windows: readonly contract.CandidateWindow[]) {
  if (windows.length === 0) return [];
  const keys = windows.map(({ local }, place) => ({ place, ...localRow(local) }));
  const rows = await session.all<sql.FoundRow>(sql.lockWindows({ schedule, windows: JSON.stringify(keys) }));
  const uuids = rows.flatMap(({ uuid }) => (uuid === null ? [] : [uuid]));
  const known =
    uuids.length === 0 ? [] : await session.all<{ uuid: string }>(sql.listKnownRuns({ uuids: `{${uuids.join(",")}}` }));
  const there = new Set(known.map(({ uuid }) => uuid));
  const byPlace = new Map(rows.map((row) => [row.place, row]));
  return windows.map((_, place) => {
    const row = byPlace.get(place);
    if (row === undefined) return toFound(null, false);
    const { state, outcome, uuid } = row;
    return toFound({ state, outcome, run: uuid === null ? null : fromUuid(uuid) }, uuid !== null && there.has(uuid));
  });
}

const localRow = ({ start, startFold, end, endFold, timezone }: contract.CandidateWindow["local"]) => ({
  local_start: start,
  start_fold: startFold,
  local_end: end,
  end_fold: endFold,
  timezone,
});

const toRow = ({ candidate: { local, window, run }, reopens }: ChosenWindow) => ({
  ...newRunRow(run),
  ...localRow(local),
  starts_at: window.start,
  reopens: reopens !== null,
  ...(reopens !== null && { run: toUuid(reopens) }),
});

async function endIfOver(
  session: Session,
  seq: number,
  id: string,
  exhausted: boolean,
  now: Instant,
): Promise<contract.BackfillRecord> {
  const record = (await readBackfill(session, id))!;
  const state = endOf(record, exhausted);
  if (state === null) return record;
  await session.run(sql.endBackfill({ seq, state, outcomes: outcomesText(record.progress), now }));
  return (await readBackfill(session, id))!;
}

async function withOutcomes(session: Session, rows: readonly BackfillRow[]): Promise<contract.BackfillRecord[]> {
  const records: contract.BackfillRecord[] = [];
  for (const row of rows) {
    const counting = row.outcomes === null;
    const outcomes = counting ? await session.all<OutcomeRow>(sql.countUnsucceeded({ backfill: row.seq })) : [];
    const names = { workflow: fromStoredText(row.workflow), created_by: fromStoredText(row.created_by) };
    records.push(toBackfill({ ...row, ...names }, outcomes));
  }
  return records;
}

export async function readBackfill(session: Session, id: string): Promise<contract.BackfillRecord | null> {
  const row = await session.get<BackfillRow>(sql.getBackfill({ id }));
  return row === null ? null : (await withOutcomes(session, [row]))[0]!;
}

export async function readBackfills(session: Session, query: contract.BackfillQuery) {
  const page = contract.backfillPage(query, toStoredText);
  return withOutcomes(session, await session.all<BackfillRow>(sql.listBackfills(page)));
}
