import * as row from "../secret-row.ts";
import * as contract from "../secrets.ts";
import { fromStoredText, toStoredText } from "../stored-text.ts";
import type { Session } from "./postgres-connection.ts";
import * as sql from "./secret.sql.ts";

/** Reads what users keep in a database, as it is kept, and carries it to workers that have no key. */
export class PostgresSecrets implements contract.Secrets, contract.SecretDeliveries {
  readonly deliveries = this;
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async list(kind: contract.SecretKind) {
    const rows = await this.#session.all<row.SecretRow>(sql.listSecrets({ kind, limit: contract.MAX_SECRETS }));
    return rows.map(row.toSecret);
  }

  async sealed(kind: contract.SecretKind, names: readonly string[]) {
    const stored = JSON.stringify(names.map(toStoredText));
    const rows = await this.#session.all<row.SealedRow>(
      sql.listSealed({ kind, names: stored, limit: contract.MAX_SECRETS }),
    );
    return rows.map(row.toSealed);
  }

  async ask(request: contract.NewSecretRequest) {
    const row = await this.#session.get<{ id: number }>(
      sql.insertRequest({ ...request, names: toStoredText(JSON.stringify(request.names)) }),
    );
    return row!.id;
  }

  async take(id: number) {
    return (await this.#session.get<{ answer: string }>(sql.takeAnswer({ id })))?.answer ?? null;
  }

  async drop(id: number) {
    await this.#session.run(sql.deleteRequest({ id }));
  }

  async open(limit: number) {
    await this.#session.run(sql.deleteOldRequests({ keptUs: contract.REQUEST_KEPT_US }));
    const rows = await this.#session.all<sql.RequestRow>(sql.listRequests({ limit }));
    return rows.map(({ names, task_run, public_key, version, workflow, ...row }) => ({
      ...row,
      names: JSON.parse(fromStoredText(names)) as string[],
      taskRunId: task_run,
      publicKey: public_key,
      versionId: version,
      workflow: fromStoredText(workflow),
    }));
  }

  async answer(id: number, answer: string) {
    return (await this.#session.run(sql.putAnswer({ id, answer }))) === 1;
  }
}
