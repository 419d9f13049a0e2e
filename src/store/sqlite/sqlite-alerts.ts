import { addMs, type Clock, type Instant } from "../../core/clock.ts";
import * as contract from "../alerts.ts";
import * as sql from "./alerts.sql.ts";
import type { OwnedFile } from "./owned-file.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/** The outbox of a file. Its owner is the only one who delivers. */
export class SqliteAlerts implements contract.Alerts {
  readonly #file: OwnedFile;
  readonly #clock: Clock;

  constructor(file: OwnedFile, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
  }

  async add(alerts: readonly contract.NewAlert[]) {
    if (alerts.length > 0) this.#file.write(() => insertAlerts(this.#file.connection, alerts));
  }

  async claim({ limit, leaseMs, all = false }: contract.AlertClaim) {
    const now = this.#clock.now();
    const { connection } = this.#file;
    const isDue = (next: Instant | null) => next !== null && (all || next <= now);
    const due = isDue(this.#nextDue());
    const query = sql.claimAlerts({ now, until: addMs(now, leaseMs), all: Number(all), limit });
    const rows = due ? this.#file.write(() => connection.all<contract.AlertRow>(query)) : [];
    const next = this.#nextDue();
    return {
      alerts: rows.toSorted((a, b) => a.id - b.id).map(contract.toAlert),
      nextInMs: next === null ? null : Math.max(0, (next - now) / 1000),
    };
  }

  async delivered({ id, claim }: contract.AlertKey, at: Instant) {
    return this.#file.write(() => this.#file.connection.run(sql.setDelivered({ id, claim, at }))) === 1;
  }

  async undelivered({ id, claim }: contract.AlertKey, { error, againMs, instead }: contract.UndeliveredAlert) {
    const now = this.#clock.now();
    const { connection } = this.#file;
    const state = againMs === null ? "failed" : "trying";
    const change = { id, claim, state, dueAt: addMs(now, againMs ?? 0), error: JSON.stringify(error) };
    return this.#file.write(() => {
      if (connection.run(sql.setUndelivered(change)) !== 1) return false;
      if (againMs !== null) connection.run(sql.setBackWebhook({ id, dueAt: change.dueAt }));
      else for (const to of instead) connection.run(sql.copyAlert({ id, ...to, dueAt: now }));
      return true;
    });
  }

  async again(id: number) {
    return this.#file.write(() => this.#file.connection.run(sql.tryAgain({ id, now: this.#clock.now() }))) === 1;
  }

  async takeOver() {
    this.#file.write(() => this.#file.connection.run(sql.freeClaims({ now: this.#clock.now() })));
  }

  async durations(workflow: string, limit: number) {
    return this.#file.connection.all<{ ms: number }>(sql.listDurations({ workflow, limit })).map(({ ms }) => ms);
  }

  /** It has one scheduler, and whoever comes after it is there. */
  async lostSchedulers() {
    return [];
  }

  #nextDue(): Instant | null {
    return this.#file.connection.get<{ due_at: number | null }>(sql.getNextDue())?.due_at ?? null;
  }
}

export function insertAlerts(connection: SqliteConnection, alerts: readonly contract.NewAlert[]): void {
  for (const alert of alerts) connection.run(sql.insertAlert(contract.fromAlert(alert)));
}

const AFTER_ALL = Number.MAX_SAFE_INTEGER;

export const readAlerts = (connection: SqliteConnection, query: contract.AlertQuery) =>
  connection.all<contract.AlertRow>(alertsQuery(query)).map(contract.toAlert);

function alertsQuery({ runId: run, states, webhook, workflows, before = AFTER_ALL, limit }: contract.AlertQuery) {
  const page = {
    webhook: webhook ?? null,
    workflows: workflows === undefined ? null : JSON.stringify(workflows),
    before,
    limit,
  };
  const inStates = states === undefined ? null : JSON.stringify(states);
  if (run !== undefined) return sql.listAlertsOfRun({ ...page, run, states: inStates });
  return states?.every((state) => state === "failed") === true && states.length > 0
    ? sql.listFailedAlerts(page)
    : sql.listAlerts({ ...page, states: inStates });
}
