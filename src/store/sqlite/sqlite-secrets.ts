import * as row from "../secret-row.ts";
import * as contract from "../secrets.ts";
import { toStoredText } from "../stored-text.ts";
import * as sql from "./secret.sql.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/** Reads what users keep in a file, as it is kept. */
export class SqliteSecrets implements contract.Secrets {
  readonly deliveries = null;
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  async list(kind: contract.SecretKind) {
    const query = sql.listSecrets({ kind, limit: contract.MAX_SECRETS });
    return this.#connection.all<row.SecretRow>(query).map(row.toSecret);
  }

  async sealed(kind: contract.SecretKind, names: readonly string[]) {
    const query = sql.listSealed({ kind, names: JSON.stringify(names.map(toStoredText)), limit: contract.MAX_SECRETS });
    return this.#connection.all<row.SealedRow>(query).map(row.toSealed);
  }
}
