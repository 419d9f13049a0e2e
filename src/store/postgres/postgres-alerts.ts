import type { Instant } from "../../core/clock.ts";
import * as contract from "../alerts.ts";
import * as sql from "./alerts.sql.ts";
import type { PostgresConnection, Session } from "./postgres-connection.ts";
import { fromStoredText, toStoredText } from "../stored-text.ts";

/** The outbox of a database: any number of schedulers deliver what is due, each message one of them. Time is the database's; a test brings its own. */
export class PostgresAlerts implements contract.Alerts {
  readonly #connection: PostgresConnection;
  readonly #now: () => Instant | null;

  constructor(connection: PostgresConnection, now: () => Instant | null) {
    this.#connection = connection;
    this.#now = now;
  }

  async add(alerts: readonly contract.NewAlert[]) {
    if (alerts.length > 0)
      await this.#connection.run(sql.addAlerts({ alerts: JSON.stringify(alerts.map((alert) => alertRow(alert))) }));
  }

  async claim({ limit, leaseMs, all = false }: contract.AlertClaim) {
    const now = this.#now();
    const rows = await this.#connection.all<contract.AlertRow>(sql.claimAlerts({ now, leaseMs, all, limit }));
    const next = (await this.#connection.get<{ due_in: number | null }>(sql.getNextDue({ now })))?.due_in ?? null;
    return {
      alerts: rows.map(fromRow).toSorted((a, b) => a.id - b.id),
      nextInMs: next === null ? null : Math.max(0, next / 1000),
    };
  }

  async delivered({ id, claim }: contract.AlertKey, at: Instant) {
    return (await this.#connection.run(sql.setDelivered({ id, claim, at }))) === 1;
  }

  undelivered({ id, claim }: contract.AlertKey, { error, againMs, instead }: contract.UndeliveredAlert) {
    const state = againMs === null ? "failed" : "trying";
    const change = { id, claim, state, now: this.#now(), againMs: againMs ?? 0, error: JSON.stringify(error) };
    return this.#connection.transaction(async (session) => {
      if ((await session.run(sql.setUndelivered(change))) !== 1) return false;
      if (againMs !== null) await session.run(sql.setBackWebhook({ id, now: change.now, againMs }));
      if (againMs !== null) return true;
      for (const { handler, receiver } of instead)
        await session.run(sql.copyAlert({ id, handler, receiver: toStoredText(receiver), now: this.#now() }));
      return true;
    });
  }

  async again(id: number) {
    return (await this.#connection.run(sql.tryAgain({ id, now: this.#now() }))) === 1;
  }

  /** Others may be at what was claimed: its lease ends by itself. */
  async takeOver() {}

  async durations(workflow: string, limit: number) {
    const rows = await this.#connection.all<{ ms: number }>(
      sql.listDurations({ workflow: toStoredText(workflow), limit }),
    );
    return rows.map(({ ms }) => ms);
  }

  async lostSchedulers() {
    const rows = await this.#connection.all<{ name: string; instance: string; facts: string }>(
      sql.listLostSchedulers({ now: this.#now() }),
    );
    return rows.map(({ name, instance, facts }) => ({
      name,
      instance,
      host: (JSON.parse(facts) as { host?: string }).host ?? "",
    }));
  }
}

/** As JSON. Of a commit: with the place of its group. */
export const alertRow = (alert: contract.NewAlert, place?: number): object => {
  const row = contract.fromAlert(alert);
  return {
    ...(place !== undefined && { place }),
    ...row,
    workflow: row.workflow && toStoredText(row.workflow),
    task: toStoredText(row.task),
    receiver: toStoredText(row.receiver),
    once: row.once && toStoredText(row.once),
  };
};

const fromRow = (row: contract.AlertRow): contract.AlertRecord =>
  contract.toAlert({
    ...row,
    workflow: row.workflow && fromStoredText(row.workflow),
    task: fromStoredText(row.task),
    receiver: fromStoredText(row.receiver),
    payload: row.payload && fromStoredPayload(row.payload),
  });

/** What the database wrote of an event has texts as it stores them; the payload in it is JSON, which holds every character. */
function fromStoredPayload(text: string): string {
  if (!text.includes("\\")) return text;
  const { payload, ...told } = JSON.parse(text) as Record<string, unknown>;
  const texts = Object.entries(told).map(([field, value]) => [
    field,
    typeof value === "string" ? fromStoredText(value) : value,
  ]);
  return JSON.stringify({ ...Object.fromEntries(texts), ...(payload !== undefined && { payload }) });
}

export async function readAlerts(session: Session, { states, ...query }: contract.AlertQuery) {
  const page = {
    run: query.runId ?? null,
    webhook: query.webhook ?? null,
    workflows: query.workflows === undefined ? null : JSON.stringify(query.workflows.map(toStoredText)),
    before: query.before ?? Number.MAX_SAFE_INTEGER,
    limit: query.limit,
  };
  const onlyFailed = states?.every((state) => state === "failed") === true && states.length > 0;
  const rows = await session.all<contract.AlertRow>(
    onlyFailed
      ? sql.listFailedAlerts(page)
      : sql.listAlerts({ ...page, states: states === undefined ? null : JSON.stringify(states) }),
  );
  return rows.map(fromRow);
}
