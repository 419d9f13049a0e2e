import { STATE_AFTER, type BackfillAction, isEndedBackfill } from "../../core/backfill-state.ts";
import type { Instant } from "../../core/clock.ts";
import { addSkipped, beforeFirstRun, chosen, endOf, judgeStep, toFound } from "../backfill-judge.ts";
import * as contract from "../backfills.ts";
import { type BackfillRow, type OutcomeRow, outcomesText, toBackfill } from "../backfills.ts";
import { workflowUnknown } from "../workflow-row.ts";
import * as sql from "./backfill.sql.ts";
import type { CreateRun, GroupWriter } from "./group-writer.ts";
import type { OwnedFile } from "./owned-file.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { groupOf, pastAllows } from "./sqlite-schedules.ts";
import { getWorkflowId } from "./workflow.sql.ts";

/** The backfills of a file. Its owner is the only writer, so a transaction is all the locks there are. */
export class SqliteBackfills implements contract.Backfills {
  readonly #file: OwnedFile;
  readonly #writer: GroupWriter;

  constructor(file: OwnedFile, writer: GroupWriter) {
    this.#file = file;
    this.#writer = writer;
  }

  async create({ workflow: name, plan, versionId: version, ...row }: contract.NewBackfill) {
    return this.#file.write(() => {
      const workflow = this.#connection.get<{ id: number }>(getWorkflowId({ name }))?.id;
      if (workflow === undefined) throw workflowUnknown(name);
      const place = { workflow, name: plan.schedule.name };
      this.#connection.run(sql.ensureSchedule(place));
      const schedule = this.#connection.get<{ id: number }>(sql.getScheduleId(place))!.id;
      this.#connection.run(sql.insertBackfill({ ...row, workflow, schedule, version, plan: JSON.stringify(plan) }));
      return readBackfill(this.#connection, row.id)!;
    });
  }

  async unended() {
    const rows = this.#connection.all<BackfillRow>(sql.listUnendedBackfills());
    return rows.map((row) => withOutcomes(this.#connection, row));
  }

  async step(step: contract.BackfillStep) {
    return this.#writer.creating((create) => this.#step(step, create));
  }

  #step(step: contract.BackfillStep, create: CreateRun): contract.BackfillStepResult {
    const row = this.#connection.get<BackfillRow>(sql.getBackfill({ id: step.id }));
    if (row === null || row.ended_at !== null || row.revision !== step.revision) return contract.DROPPED_STEP;
    const place = this.#connection.get<sql.PlaceRow>(sql.getBackfillPlace({ id: step.id }))!;
    const record = withOutcomes(this.#connection, row);
    const taken = record.state === "running" ? this.#take(step, record, row.seq, place, create) : contract.DROPPED_STEP;
    const exhausted = step.exhausted && taken.judged.length === step.windows.length;
    return { ...taken, applied: true, after: this.#endIfOver(row.seq, step.id, exhausted, step.now) };
  }

  #take(
    step: contract.BackfillStep,
    record: contract.BackfillRecord,
    seq: number,
    { workflow, schedule }: sql.PlaceRow,
    create: CreateRun,
  ): Omit<contract.BackfillStepResult, "after"> {
    const { limits, windows } = step;
    const found = windows.map(({ local }) => this.#find(schedule, local));
    const held = Number(step.yields);
    const { active } = this.#connection.get<{ active: number }>(sql.countActive({ workflow, held }))!;
    const verdict = judgeStep({ record, step, active, found });
    let { judged } = verdict;
    let waits: contract.BackfillStepResult["waits"] = verdict.waits;
    let runs = chosen(step, judged, found);
    const [first] = runs;
    if (limits.past.length > 0 && first !== undefined) {
      const run = first.reopens ?? first.candidate.run.id;
      if (!pastAllows(this.#connection, { id: run, schedule, starts_at: first.candidate.window.start }, limits.past)) {
        waits = "past";
        judged = beforeFirstRun(judged);
        runs = [];
      }
    }
    for (const { candidate, reopens } of runs) this.#run(schedule, seq, candidate, reopens, create);
    if (judged.length > 0)
      this.#connection.run(
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

  #find(schedule: number, local: contract.CandidateWindow["local"]) {
    const { start: localStart, end: localEnd, ...rest } = local;
    const row = this.#connection.get<sql.FoundRow>(sql.findWindow({ schedule, localStart, localEnd, ...rest }));
    return toFound(row, row?.known === 1);
  }

  #run(
    schedule: number,
    backfill: number,
    { local, window, run }: contract.CandidateWindow,
    reopens: string | null,
    create: CreateRun,
  ): void {
    const { start: localStart, end: localEnd, ...rest } = local;
    const query = sql.runWindow({
      schedule,
      localStart,
      localEnd,
      ...rest,
      startsAt: window.start,
      run: reopens ?? run.id,
      backfill,
      reopens: Number(reopens !== null),
    });
    const { id } = this.#connection.get<{ id: number }>(query)!;
    if (reopens !== null) return;
    const made = create(groupOf(run), { window: id, held: false });
    if (made === null) throw new Error(`Run "${run.id}" exists already, and its window did not have it.`);
  }

  async openRuns(id: string) {
    const rows = this.#connection.all<{ run: string; reopens: number }>(sql.listOpenRuns({ id }));
    return rows.map(({ run, reopens }) => ({ runId: run, reopens: reopens === 1 }));
  }

  async turn(id: string, action: BackfillAction, now: Instant) {
    return this.#file.write(() => {
      const row = this.#connection.get<BackfillRow>(sql.getBackfill({ id }));
      if (row !== null && !isEndedBackfill(row.state) && row.state !== STATE_AFTER[action]) {
        this.#connection.run(sql.turnBackfill({ seq: row.seq, state: STATE_AFTER[action] }));
        if (action === "cancel") {
          // It has ended at once where nothing of it is at work.
          this.#connection.run(sql.leaveClosed({ backfill: row.seq }));
          this.#endIfOver(row.seq, id, false, now);
        }
      }
      return readBackfill(this.#connection, id);
    });
  }

  #endIfOver(seq: number, id: string, exhausted: boolean, now: Instant): contract.BackfillRecord {
    const record = readBackfill(this.#connection, id)!;
    const state = endOf(record, exhausted);
    if (state === null) return record;
    this.#connection.run(sql.endBackfill({ seq, state, outcomes: outcomesText(record.progress), now }));
    return readBackfill(this.#connection, id)!;
  }

  get #connection(): SqliteConnection {
    return this.#file.connection;
  }
}

const withOutcomes = (connection: SqliteConnection, row: BackfillRow): contract.BackfillRecord =>
  toBackfill(row, row.outcomes === null ? connection.all<OutcomeRow>(sql.countUnsucceeded({ backfill: row.seq })) : []);

export function readBackfill(connection: SqliteConnection, id: string): contract.BackfillRecord | null {
  const row = connection.get<BackfillRow>(sql.getBackfill({ id }));
  return row === null ? null : withOutcomes(connection, row);
}

export const readBackfills = (connection: SqliteConnection, query: contract.BackfillQuery): contract.BackfillRecord[] =>
  connection
    .all<BackfillRow>(sql.listBackfills(contract.backfillPage(query)))
    .map((row) => withOutcomes(connection, row));
