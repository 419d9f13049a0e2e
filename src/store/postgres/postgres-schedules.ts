import type { RunState } from "../../core/run-state.ts";
import type { Instant } from "../../core/clock.ts";
import * as contract from "../schedules.ts";
import { type ScheduleRow, toSchedule, toWindow, type WindowRecordRow } from "../schedules.ts";
import type { NewRun } from "../store.ts";
import type { PostgresConnection, Session } from "./postgres-connection.ts";
import { fromUuid, toUuid } from "./run-uuid.ts";
import * as sql from "./schedule.sql.ts";
import { fromStoredText, toStoredText } from "../stored-text.ts";

/** The schedules of a database, which any number of schedulers decide about at once. Time is the database's; a test brings its own. */
export class PostgresSchedules implements contract.Schedules {
  readonly #connection: PostgresConnection;
  readonly #now: () => Instant | null;

  constructor(connection: PostgresConnection, now: () => Instant | null) {
    this.#connection = connection;
    this.#now = now;
  }

  list(workflows?: readonly string[], counted?: boolean) {
    return readSchedules(this.#connection, workflows, counted);
  }

  async decide(decisions: readonly contract.ScheduleDecision[], scheduler?: number) {
    if (decisions.length === 0) return [];
    const query = sql.decideWindows({ scheduler: scheduler ?? null, decisions: JSON.stringify(decisions.map(toRow)) });
    const applied = new Map((await this.#connection.all<sql.DecidedRow>(query)).map((row) => [row.place, row.runs]));
    return decisions.map((_, place) => {
      const runs = applied.get(place);
      return { applied: runs !== undefined, runs: (runs ?? []).map(fromUuid) };
    });
  }

  admit(workflow: string, { maxActive, past }: contract.AdmissionLimits) {
    const name = toStoredText(workflow);
    return this.#connection.transaction(async (session) => {
      await session.run(sql.lockWorkflow({ workflow: name }));
      const active = maxActive === null ? 0 : (await activeRuns(session, name)).filter((run) => !run.held).length;
      const room = Math.min(contract.MAX_ADMITTED, (maxActive ?? Infinity) - active);
      const admitted: string[] = [];
      const held = await session.all<sql.HeldRow>(sql.listHeldRuns({ workflow: name, limit: contract.MAX_ADMITTED }));
      for (const row of held) {
        if (admitted.length >= room) break;
        if (past.length > 0 && !(await pastAllows(session, row, past))) continue;
        await session.run(sql.releaseRun({ seq: row.seq }));
        admitted.push(fromUuid(row.uuid));
      }
      return admitted;
    });
  }

  async outcomes(workflow: string, limit: number) {
    const query = sql.listOutcomes({ workflow: toStoredText(workflow), limit });
    return (await this.#connection.all<{ state: RunState }>(query)).map(({ state }) => state);
  }

  activeRuns(workflow: string) {
    return activeRuns(this.#connection, toStoredText(workflow));
  }

  pause(workflow: string, by: string) {
    return this.#connection.transaction(async (session) => {
      const was = await session.get<sql.PauseRow>(sql.getPause({ workflow: toStoredText(workflow) }));
      if (was === null) return null;
      const unchanged = was.paused_at !== null;
      if (!unchanged) await session.run(sql.setPause({ id: was.id, now: this.#now(), by: toStoredText(by) }));
      const now = (await session.get<sql.PauseRow>(sql.getPause({ workflow: toStoredText(workflow) })))!;
      return { pausedAt: now.paused_at, pausedBy: fromStoredText(now.paused_by ?? ""), unchanged };
    });
  }

  unpause(workflow: string) {
    return this.#connection.transaction(async (session) => {
      const was = await session.get<sql.PauseRow>(sql.getPause({ workflow: toStoredText(workflow) }));
      if (was === null) return null;
      const unchanged = was.paused_at === null;
      if (!unchanged) await session.run(sql.endPause({ id: was.id, now: this.#now() }));
      const now = (await session.get<sql.PauseRow>(sql.getPause({ workflow: toStoredText(workflow) })))!.enabled_since;
      for (const { id, cursor } of await session.all<sql.CursorRow>(sql.listCursors({ workflow: was.id })))
        if (!unchanged && contract.isAhead(JSON.parse(cursor), now!)) await session.run(sql.clearCursor({ id }));
      return { pausedAt: null, pausedBy: null, unchanged };
    });
  }

  async beat(now: Instant, gapMs: number) {
    return (await this.#connection.get<{ up_since: number }>(sql.beat({ now, gapMs })))!.up_since;
  }

  windows(query: contract.WindowQuery) {
    return readWindows(this.#connection, query);
  }
}

const toRow = ({ schedule, revision, versionId, cursor, windows }: contract.ScheduleDecision, place: number) => {
  const { schedule: _, ...rest } = cursor;
  return {
    place,
    schedule,
    revision,
    version: versionId,
    cursor: JSON.stringify(rest),
    windows: windows.map(toWindowRow),
  };
};

const toWindowRow = ({ start, startFold, end, endFold, timezone, startsAt, state, run, held }: contract.NewWindow) => ({
  local_start: start,
  start_fold: startFold,
  local_end: end,
  end_fold: endFold,
  timezone,
  starts_at: startsAt,
  state,
  ...(run !== null && { ...newRunRow(run), held }),
});

export const newRunRow = (run: NewRun) => ({
  run: toUuid(run.id),
  partition: run.partition,
  trigger: run.trigger,
  interval_start: run.intervalStart,
  interval_end: run.intervalEnd,
  date: run.date,
  timezone: run.timezone,
  created_at: run.createdAt,
  input: run.paramsInput,
  parsed: run.params,
  lists: run.paramsLists === null ? null : JSON.stringify(run.paramsLists),
});

async function activeRuns(session: Session, workflow: string): Promise<contract.ActiveRun[]> {
  const rows = await session.all<{ uuid: string; held: boolean; backfill: boolean }>(sql.listActiveRuns({ workflow }));
  return rows.map(({ uuid, held, backfill }) => ({ id: fromUuid(uuid), held, backfill }));
}

/** Whether the window before, of those with a run, has come to what these tasks need of it. */
export async function pastAllows(
  session: Session,
  { uuid, schedule, starts_at }: Pick<sql.HeldRow, "uuid" | "schedule" | "starts_at">,
  past: readonly number[],
): Promise<boolean> {
  if (schedule === null) return true;
  const before = await session.get<sql.PastRow>(sql.getPast({ schedule, startsAt: starts_at, uuid }));
  if (before === null || before.outcome === "succeeded") return true;
  if (before.outcome === null) return false;
  const query = sql.countUnsettled({ uuid: before.uuid, tasks: JSON.stringify(past) });
  return (await session.get<{ unsettled: number }>(query))?.unsettled === 0;
}

export async function readSchedules(session: Session, workflows?: readonly string[], counted = true) {
  const names = workflows === undefined ? null : JSON.stringify(workflows.map(toStoredText));
  const rows = await session.all<ScheduleRow>(sql.listSchedules({ workflows: names, counted: Number(counted) }));
  return rows.map((row) =>
    toSchedule({ ...row, workflow: fromStoredText(row.workflow), name: fromStoredText(row.name) }),
  );
}

export async function readWindows(session: Session, given: contract.WindowQuery) {
  const { workflow, schedule, ...query } = contract.windowQuery(given);
  const names = { workflow: toStoredText(workflow), schedule: toStoredText(schedule) };
  const rows = await session.all<WindowRecordRow>(sql.listWindows({ ...query, ...names }));
  return rows.map((row) =>
    toWindow({ ...row, schedule: fromStoredText(row.schedule), run: row.run === null ? null : fromUuid(row.run) }),
  );
}
