import { isSatisfied } from "../../core/asset-expression.ts";
import { addMs, type Clock, type Instant } from "../../core/clock.ts";
import { EVENT_KINDS } from "../../core/event.ts";
import * as contract from "../events.ts";
import { ofThese, waitedCause } from "../waited-cause.ts";
import type { NewRun } from "../store.ts";
import * as sql from "./event.sql.ts";
import type { CreateRun, GroupWriter } from "./group-writer.ts";
import type { OwnedFile } from "./owned-file.ts";
import { listActiveRuns } from "./schedule.sql.ts";
import { groupOf } from "./sqlite-schedules.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

const NOTHING = { runId: null, held: false, cause: null } as const;

/** The events of a file. Its owner is the only writer, so what is read within a transaction holds. */
export class SqliteEvents implements contract.Events {
  readonly #file: OwnedFile;
  readonly #writer: GroupWriter;
  readonly #clock: Clock;

  constructor(file: OwnedFile, writer: GroupWriter, clock: Clock) {
    this.#file = file;
    this.#writer = writer;
    this.#clock = clock;
  }

  async subscriptions(workflows?: readonly string[]) {
    return readSubscriptions(this.#connection, workflows);
  }

  async record(batch: contract.EventBatch): Promise<contract.EventBatchResult> {
    return this.#writer.creating((create) => this.#record(batch, create));
  }

  async pending(limit: number) {
    return this.#connection.all<contract.PendingRow>(sql.listPending({ limit })).map(contract.toPending);
  }

  async takeTurn(id: number, leaseMs: number): Promise<contract.SourceTurn | null> {
    const now = this.#clock.now();
    const query = sql.takeTurn({ id, now, until: addMs(now, leaseMs) });
    const row = this.#file.write(() => this.#connection.get<sql.TurnRow>(query));
    return row && { ...row, fresh: row.fresh === 1 };
  }

  async leaveTurn(id: number, revision: number, afterMs: number) {
    const query = sql.leaveTurn({ id, revision, dueAt: addMs(this.#clock.now(), afterMs) });
    this.#file.write(() => this.#connection.run(query));
  }

  async mark() {
    return String(this.#connection.get<{ id: number }>(sql.getLastEvent())!.id);
  }

  async emitted(name: string, after: string) {
    const rows = this.#connection.all<contract.EventRow>(
      sql.listEmitted({ name, after: Number(after), limit: contract.MAX_EMITTED }),
    );
    const last = rows.length === contract.MAX_EMITTED ? String(rows.at(-1)!.id) : await this.mark();
    return { events: rows.map(contract.toEvent), mark: last };
  }

  async recent(query: contract.RecentQuery) {
    return readEvents(this.#connection, query);
  }

  async prune(before: Instant, limit: number) {
    return this.#file.write(
      () =>
        this.#connection.run(sql.deleteEvents({ before, limit })) +
        this.#connection.run(sql.deleteKeys({ now: this.#clock.now(), limit })),
    );
  }

  get #connection(): SqliteConnection {
    return this.#file.connection;
  }

  #record({ events, starts, advance }: contract.EventBatch, create: CreateRun): contract.EventBatchResult {
    const locks = starts.map(({ subscription: id, versionId: version }) =>
      this.#connection.get<sql.LockRow>(sql.getSubscription({ id, version })),
    );
    if (locks.includes(null)) return { applied: false, starts: [] };
    // Asked before, and the answer was lost: it answers as it did.
    if (advance !== undefined && !this.#advance(advance) && !this.#isKnown(events))
      return { applied: false, starts: [] };
    const fresh = events.map((event) => this.#take(event));
    return {
      applied: true,
      starts: starts.map((start, place) => {
        const its = start.events.filter((event) => fresh[event]);
        return its.length === 0 ? this.#known(start) : this.#start(ofThese(start, its), locks[place]!, create);
      }),
    };
  }

  #take(event: contract.NewEvent | { readonly id: number }): boolean {
    const query = "uid" in event ? sql.insertEvent({ ...event, pending: 0 }) : sql.deliverEvent(event);
    return this.#connection.run(query) === 1;
  }

  #isKnown([first]: contract.EventBatch["events"]): boolean {
    if (first === undefined || !("uid" in first)) return false;
    return this.#connection.get(sql.getEventByUid({ uid: first.uid })) !== null;
  }

  #advance({ subscription: id, revision, cursor, afterMs }: contract.SourceAdvance): boolean {
    const now = this.#clock.now();
    const query = sql.advanceSource({ id, revision, cursor, now, dueAt: addMs(now, afterMs) });
    return this.#connection.run(query) === 1;
  }

  #known({ run, held }: contract.EventStart): contract.StartResult {
    const known = run && this.#connection.get<{ cause: string }>(sql.getCause({ run: run.id }));
    return known ? { outcome: "started", runId: run.id, held, ...known } : { outcome: "repeated", ...NOTHING };
  }

  #start(start: contract.EventStart, { workflow, paused }: sql.LockRow, create: CreateRun): contract.StartResult {
    const { subscription, key, assets, run, room } = start;
    const now = this.#clock.now();
    if (paused === 1 && start.whilePaused === "pass_over") return { outcome: "passed_over", ...NOTHING };
    if (key !== null) {
      const known = this.#connection.get<sql.KeyRow>(sql.getKey({ subscription, key: key.text, now }));
      if (known !== null) return { ...NOTHING, outcome: "repeated", runId: known.run };
      const until = addMs(now, key.forMs);
      this.#connection.run(sql.putKey({ subscription, key: key.text, run: run?.id ?? null, until }));
    }
    const updates = assets === null ? null : this.#updates(start);
    if (assets !== null && !isSatisfied(assets, new Set(updates!.keys()))) return { outcome: "waiting", ...NOTHING };
    if (assets !== null) this.#connection.run(sql.clearUpdates({ subscription }));
    if (run === null) return { outcome: "refused", ...NOTHING };
    if (room !== null && this.#active(workflow) >= room) return { outcome: "no_room", ...NOTHING };
    const held = start.held || paused === 1;
    return { outcome: "started", runId: run.id, held, cause: this.#create(start, run, held, updates, create) };
  }

  /** What has been updated since its last run, with these. */
  #updates({ subscription, cause }: contract.EventStart): Map<string, string> {
    for (const event of cause.events)
      this.#connection.run(sql.putUpdate({ subscription, asset: event.name, event: JSON.stringify(event) }));
    const rows = this.#connection.all<{ asset: string; event: string }>(sql.listUpdates({ subscription }));
    return new Map(rows.map(({ asset, event }) => [asset, event]));
  }

  #create(
    { subscription, cause }: contract.EventStart,
    run: NewRun,
    held: boolean,
    updates: ReadonlyMap<string, string> | null,
    create: CreateRun,
  ): string {
    const made = create(groupOf(run), { window: null, held });
    if (made === null) throw new Error(`Run "${run.id}" exists already, and its event was new.`);
    this.#connection.run(sql.setRunSubscription({ seq: made.seq, subscription }));
    const whole = JSON.stringify(updates === null ? cause : waitedCause(cause, [...updates.values()]));
    this.#connection.run(sql.putCause({ run: made.seq, cause: whole }));
    return whole;
  }

  #active(workflow: string): number {
    return this.#connection.all(listActiveRuns({ workflow })).length;
  }
}

export function readEvents(connection: SqliteConnection, query: contract.RecentQuery): contract.ListedEvent[] {
  const { kind, name, limit } = query;
  const page = contract.eventPage(query);
  const queries =
    name === undefined
      ? [sql.listRecent({ kind: kind ?? null, ...page })]
      : (kind === undefined ? EVENT_KINDS : [kind]).map((each) => sql.listNamed({ kind: each, name, ...page }));
  return queries
    .flatMap((each) => connection.all<contract.ListedEventRow>(each).map(contract.toListedEvent))
    .sort((a, b) => b.id - a.id)
    .slice(0, limit);
}

export const readSubscriptions = (connection: SqliteConnection, workflows?: readonly string[]) =>
  connection
    .all<contract.SubscriptionRow>(
      sql.listSubscriptions({ workflows: workflows === undefined ? null : JSON.stringify(workflows) }),
    )
    .map(contract.toSubscription);
