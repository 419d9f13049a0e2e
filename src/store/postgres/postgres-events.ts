import { isSatisfied } from "../../core/asset-expression.ts";
import type { Instant } from "../../core/clock.ts";
import { EVENT_KINDS } from "../../core/event.ts";
import * as contract from "../events.ts";
import type { NewRun } from "../store.ts";
import { ofThese, waitedCause } from "../waited-cause.ts";
import * as sql from "./event.sql.ts";
import type { PostgresConnection, Session } from "./postgres-connection.ts";
import { fromUuid, toUuid } from "./run-uuid.ts";
import { listActiveRuns } from "./schedule.sql.ts";
import { fromStoredText, toStoredText } from "../stored-text.ts";

const NOTHING = { runId: null, held: false, cause: null } as const;

/** The events of a database, which any number of processes record and deliver at once. Time is the database's; a test brings its own. */
export class PostgresEvents implements contract.Events {
  readonly #connection: PostgresConnection;
  readonly #now: () => Instant | null;

  constructor(connection: PostgresConnection, now: () => Instant | null) {
    this.#connection = connection;
    this.#now = now;
  }

  subscriptions(workflows?: readonly string[]) {
    return readSubscriptions(this.#connection, workflows);
  }

  record(batch: contract.EventBatch, scheduler?: number): Promise<contract.EventBatchResult> {
    return this.#connection.transaction((session) => new Recording(session, this.#now(), scheduler ?? null).of(batch));
  }

  async pending(limit: number) {
    const rows = await this.#connection.all<contract.PendingRow>(sql.listPending({ limit }));
    return rows.map((row) =>
      contract.toPending({
        ...withRun(row),
        workflow: row.workflow === null ? null : fromStoredText(row.workflow),
        timezone: row.timezone,
      }),
    );
  }

  takeTurn(id: number, leaseMs: number) {
    return this.#connection.get<contract.SourceTurn>(sql.takeTurn({ id, now: this.#now(), leaseMs }));
  }

  async leaveTurn(id: number, revision: number, afterMs: number) {
    await this.#connection.run(sql.leaveTurn({ id, revision, now: this.#now(), afterMs }));
  }

  async mark() {
    return (await this.#connection.get<{ mark: string }>(sql.getMark()))!.mark;
  }

  async emitted(name: string, after: string) {
    return this.#connection.snapshot(async (session) => {
      const query = sql.listEmitted({ name, after, limit: contract.MAX_EMITTED });
      const rows = await session.all<contract.EventRow>(query);
      const { mark } = (await session.get<{ mark: string }>(sql.getMark()))!;
      return { events: rows.map((row) => contract.toEvent(withRun(row))), mark };
    });
  }

  recent(query: contract.RecentQuery) {
    return readEvents(this.#connection, query);
  }

  async prune(before: Instant, limit: number) {
    const events = await this.#connection.run(sql.deleteEvents({ before, limit }));
    return events + (await this.#connection.run(sql.deleteKeys({ now: this.#now(), limit })));
  }
}

/** One batch, in one transaction. */
class Recording {
  readonly #session: Session;
  readonly #now: Instant | null;
  readonly #scheduler: number | null;

  constructor(session: Session, now: Instant | null, scheduler: number | null) {
    this.#session = session;
    this.#now = now;
    this.#scheduler = scheduler;
  }

  async of({ events, starts, advance }: contract.EventBatch): Promise<contract.EventBatchResult> {
    const locks = await this.#lock(starts);
    if (starts.some(({ subscription, versionId }) => locks.get(subscription)?.version !== versionId)) return STALE;
    // Asked before, and the answer was lost: it answers as it did.
    if (advance !== undefined && !(await this.#advance(advance)) && !(await this.#isKnown(events))) return STALE;
    const fresh = await this.#take(events);
    const results: contract.StartResult[] = [];
    for (const start of starts) {
      const its = start.events.filter((event) => fresh[event]);
      results.push(
        its.length === 0
          ? await this.#known(start)
          : await this.#start(ofThese(start, its), locks.get(start.subscription)!),
      );
    }
    return { applied: true, starts: results };
  }

  async #lock(starts: readonly contract.EventStart[]): Promise<ReadonlyMap<number, sql.LockRow>> {
    if (starts.length === 0) return new Map();
    const ids = `{${[...new Set(starts.map(({ subscription }) => subscription))].join(",")}}`;
    const rows = await this.#session.all<sql.LockRow>(sql.lockSubscriptions({ ids }));
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** Whether each is delivered by this. */
  async #take(events: contract.EventBatch["events"]): Promise<boolean[]> {
    const waiting = events.flatMap((event) => ("uid" in event ? [] : [event.id]));
    const query = sql.deliverEvents({ ids: `{${waiting.join(",")}}` });
    const rows = waiting.length === 0 ? [] : await this.#session.all<{ id: number }>(query);
    const taken = new Set(rows.map(({ id }) => id));
    const fresh: boolean[] = [];
    for (const event of events)
      fresh.push(
        "uid" in event
          ? (await this.#session.run(sql.insertEvent({ ...event, run: uuidOf(event.runId) }))) === 1
          : taken.has(event.id),
      );
    return fresh;
  }

  async #advance({ subscription: id, revision, cursor, afterMs }: contract.SourceAdvance): Promise<boolean> {
    return (await this.#session.run(sql.advanceSource({ id, revision, cursor, now: this.#now, afterMs }))) === 1;
  }

  async #isKnown([first]: contract.EventBatch["events"]): Promise<boolean> {
    if (first === undefined || !("uid" in first)) return false;
    return (await this.#session.get(sql.getEventByUid({ uid: first.uid }))) !== null;
  }

  async #known({ run, held }: contract.EventStart): Promise<contract.StartResult> {
    const uuid = run === null ? null : toUuid(run.id);
    const known = uuid && (await this.#session.get<{ cause: string }>(sql.getCause({ uuid })));
    return known ? { outcome: "started", runId: run!.id, held, ...known } : { outcome: "repeated", ...NOTHING };
  }

  async #start(start: contract.EventStart, { workflow, paused }: sql.LockRow): Promise<contract.StartResult> {
    const { subscription, key, assets, run, room } = start;
    const now = this.#now;
    if (paused && start.whilePaused === "pass_over") return { outcome: "passed_over", ...NOTHING };
    if (key !== null) {
      const known = await this.#session.get<sql.KeyRow>(sql.getKey({ subscription, key: key.text, now }));
      if (known !== null)
        return { ...NOTHING, outcome: "repeated", runId: known.run === null ? null : fromUuid(known.run) };
      const uuid = run === null ? null : toUuid(run.id);
      await this.#session.run(sql.putKey({ subscription, key: key.text, run: uuid, now, forMs: key.forMs }));
    }
    const updates = assets === null ? null : await this.#updates(start);
    if (assets !== null && !isSatisfied(assets, new Set(updates!.keys()))) return { outcome: "waiting", ...NOTHING };
    if (assets !== null) await this.#session.run(sql.clearUpdates({ subscription }));
    if (run === null) return { outcome: "refused", ...NOTHING };
    if (room !== null && (await this.#session.all(listActiveRuns({ workflow }))).length >= room)
      return { outcome: "no_room", ...NOTHING };
    const held = start.held || paused;
    return { outcome: "started", runId: run.id, held, cause: await this.#create(start, run, held, updates) };
  }

  /** What has been updated since its last run, with these. */
  async #updates({ subscription, cause }: contract.EventStart): Promise<Map<string, string>> {
    for (const event of cause.events)
      await this.#session.run(sql.putUpdate({ subscription, asset: event.name, event: JSON.stringify(event) }));
    const rows = await this.#session.all<{ asset: string; event: string }>(sql.listUpdates({ subscription }));
    return new Map(rows.map(({ asset, event }) => [asset, event]));
  }

  async #create(
    { subscription, cause }: contract.EventStart,
    run: NewRun,
    held: boolean,
    updates: ReadonlyMap<string, string> | null,
  ): Promise<string> {
    const whole = JSON.stringify(updates === null ? cause : waitedCause(cause, [...updates.values()]));
    await this.#session.get(
      sql.startRun({
        scheduler: this.#scheduler,
        subscription,
        held: Number(held),
        cause: whole,
        run: JSON.stringify(startedRunRow(run)),
      }),
    );
    return whole;
  }
}

const STALE: contract.EventBatchResult = { applied: false, starts: [] };

/** As `start_run` takes it. */
export const startedRunRow = (run: NewRun) => ({
  id: toUuid(run.id),
  version: run.versionId,
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

const uuidOf = (runId: string | null): string | null => (runId === null ? null : toUuid(runId));

const withRun = <Row extends contract.EventRow>(row: Row): Row => ({
  ...row,
  run: row.run === null ? null : fromUuid(row.run),
});

export async function readEvents(
  session: Session,
  query: contract.RecentQuery,
): Promise<readonly contract.ListedEvent[]> {
  const { kind, name, workflows, limit } = query;
  const page = contract.eventPage({ ...query, ...(workflows && { workflows: workflows.map(toStoredText) }) });
  const queries =
    name === undefined
      ? [sql.listRecent({ kind: kind ?? null, ...page })]
      : (kind === undefined ? EVENT_KINDS : [kind]).map((each) => sql.listNamed({ kind: each, name, ...page }));
  const found = await Promise.all(queries.map((each) => session.all<contract.ListedEventRow>(each)));
  return found
    .flat()
    .map((row) =>
      contract.toListedEvent({
        ...withRun(row),
        workflow: row.workflow === null ? null : fromStoredText(row.workflow),
      }),
    )
    .sort((a, b) => b.id - a.id)
    .slice(0, limit);
}

export async function readSubscriptions(session: Session, workflows?: readonly string[]) {
  const names = workflows === undefined ? null : JSON.stringify(workflows.map(toStoredText));
  const rows = await session.all<contract.SubscriptionRow>(sql.listSubscriptions({ workflows: names }));
  return rows.map((row) => contract.toSubscription({ ...row, workflow: fromStoredText(row.workflow) }));
}
