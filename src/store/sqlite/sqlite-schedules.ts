import type { Clock, Instant } from "../../core/clock.ts";
import type { RunState } from "../../core/run-state.ts";
import * as contract from "../schedules.ts";
import { type ScheduleRow, toSchedule, toWindow, type WindowRecordRow } from "../schedules.ts";
import type { NewRun, RunGroup } from "../store.ts";
import type { CreateRun, GroupWriter } from "./group-writer.ts";
import type { OwnedFile } from "./owned-file.ts";
import * as sql from "./schedule.sql.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/** The schedules of a file. Its owner is the only writer, so what is read within a transaction holds. */
export class SqliteSchedules implements contract.Schedules {
  readonly #file: OwnedFile;
  readonly #writer: GroupWriter;
  readonly #clock: Clock;

  constructor(file: OwnedFile, writer: GroupWriter, clock: Clock) {
    this.#file = file;
    this.#writer = writer;
    this.#clock = clock;
  }

  async list(workflows?: readonly string[], counted?: boolean) {
    return readSchedules(this.#connection, workflows, counted);
  }

  async decide(decisions: readonly contract.ScheduleDecision[]) {
    if (decisions.length === 0) return [];
    return this.#writer.creating((create) => decisions.map((decision) => this.#decide(decision, create)));
  }

  #decide(decision: contract.ScheduleDecision, create: CreateRun): contract.ScheduleDecisionResult {
    const { schedule: id, revision, versionId: version } = decision;
    const { schedule: _, ...cursor } = decision.cursor;
    const advanced = sql.advanceSchedule({ id, revision, version, cursor: JSON.stringify(cursor) });
    if (this.#connection.run(advanced) !== 1) {
      // Asked before, and the answer was lost.
      const wanted = decision.windows.flatMap(({ run }) => (run === null ? [] : [run.id]));
      const known = wanted.filter((run) => this.#connection.get(sql.getRunExists({ id: run })) !== null);
      return { applied: known.length > 0, runs: known };
    }
    const runs = decision.windows.filter((window) => this.#recordWindow(id, window, create)).map(({ run }) => run!.id);
    return { applied: true, runs };
  }

  /** Whether a run was made. */
  #recordWindow(schedule: number, window: contract.NewWindow, create: CreateRun): boolean {
    const { start, startFold, end, endFold, timezone, startsAt, state, run, held } = window;
    const row = { schedule, localStart: start, startFold, localEnd: end, endFold, timezone, startsAt, state };
    const written = this.#connection.get<{ id: number }>(sql.insertWindow({ ...row, run: run?.id ?? null }));
    if (written === null || run === null) return false;
    const made = create(groupOf(run), { window: written.id, held });
    if (made === null) throw new Error(`Run "${run.id}" exists already, and its window did not have it.`);
    return true;
  }

  async admit(workflow: string, { maxActive, past }: contract.AdmissionLimits) {
    return this.#file.write(() => {
      const active = maxActive === null ? 0 : this.#atWork(workflow);
      const room = Math.min(contract.MAX_ADMITTED, (maxActive ?? Infinity) - active);
      const admitted: string[] = [];
      const held = this.#connection.all<sql.HeldRow>(sql.listHeldRuns({ workflow, limit: contract.MAX_ADMITTED }));
      for (const row of held) {
        if (admitted.length >= room) break;
        if (past.length > 0 && !pastAllows(this.#connection, row, past)) continue;
        this.#connection.run(sql.releaseRun({ seq: row.seq }));
        admitted.push(row.id);
      }
      return admitted;
    });
  }

  async outcomes(workflow: string, limit: number) {
    return this.#connection.all<{ state: RunState }>(sql.listOutcomes({ workflow, limit })).map(({ state }) => state);
  }

  async activeRuns(workflow: string) {
    const rows = this.#connection.all<sql.ActiveRow>(sql.listActiveRuns({ workflow }));
    return rows.map(({ id, held, backfill }) => ({ id, held: held === 1, backfill: backfill === 1 }));
  }

  async pause(workflow: string, by: string) {
    return this.#file.write(() => {
      const was = this.#connection.get<sql.PauseRow>(sql.getPause({ workflow }));
      if (was === null) return null;
      if (was.paused_at !== null) return { pausedAt: was.paused_at, pausedBy: was.paused_by, unchanged: true };
      const at = this.#clock.now();
      this.#connection.run(sql.setPause({ id: was.id, at, by }));
      return { pausedAt: at, pausedBy: by, unchanged: false };
    });
  }

  async unpause(workflow: string) {
    return this.#file.write(() => {
      const was = this.#connection.get<sql.PauseRow>(sql.getPause({ workflow }));
      if (was === null) return null;
      const unchanged = was.paused_at === null;
      const at = this.#clock.now();
      if (!unchanged) this.#connection.run(sql.endPause({ id: was.id, at }));
      for (const { id, cursor } of this.#connection.all<sql.CursorRow>(sql.listCursors({ workflow: was.id })))
        if (!unchanged && contract.isAhead(JSON.parse(cursor), at)) this.#connection.run(sql.clearCursor({ id }));
      return { pausedAt: null, pausedBy: null, unchanged };
    });
  }

  async beat(now: Instant, gapMs: number) {
    const query = sql.beat({ now, gapUs: Math.round(gapMs * 1000) });
    return this.#file.write(() => this.#connection.get<{ up_since: number }>(query)!.up_since);
  }

  async windows(query: contract.WindowQuery) {
    return readWindows(this.#connection, query);
  }

  get #connection(): SqliteConnection {
    return this.#file.connection;
  }

  #atWork(workflow: string): number {
    return this.#connection.all<sql.ActiveRow>(sql.listActiveRuns({ workflow })).filter(({ held }) => held === 0)
      .length;
  }
}

/** Whether the window before, of those with a run, has come to what these tasks need of it. */
export function pastAllows(
  connection: SqliteConnection,
  { id, schedule, starts_at }: Pick<sql.HeldRow, "id" | "schedule" | "starts_at">,
  past: readonly number[],
): boolean {
  if (schedule === null) return true;
  const before = connection.get<sql.PastRow>(sql.getPast({ schedule, startsAt: starts_at, run: id }));
  if (before === null || before.outcome === "succeeded") return true;
  if (before.outcome === null) return false;
  const query = sql.countUnsettled({ runId: before.run, tasks: JSON.stringify(past) });
  // Of a run that was pruned nothing is left to look at; how it ended is known.
  if (connection.get(sql.getRunExists({ id: before.run })) === null) return false;
  return connection.get<{ unsettled: number }>(query)!.unsettled === 0;
}

export const groupOf = (create: NewRun): RunGroup => ({
  runId: create.id,
  revision: 0,
  create,
  run: null,
  inserts: [],
  changes: [],
  attempts: [],
  drawers: [],
});

export const readSchedules = (connection: SqliteConnection, workflows?: readonly string[], counted = true) =>
  connection
    .all<ScheduleRow>(
      sql.listSchedules({
        workflows: workflows === undefined ? null : JSON.stringify(workflows),
        counted: Number(counted),
      }),
    )
    .map(toSchedule);

export const readWindows = (connection: SqliteConnection, query: contract.WindowQuery) =>
  connection.all<WindowRecordRow>(sql.listWindows(contract.windowQuery(query))).map(toWindow);
