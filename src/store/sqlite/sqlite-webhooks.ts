import * as contract from "../webhooks.ts";
import * as sql from "./webhook.sql.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/** Reads which webhooks a file has. */
export class SqliteWebhooks implements contract.Webhooks {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  async list() {
    const query = sql.listWebhooks({ limit: contract.MAX_WEBHOOKS });
    return this.#connection.all<contract.WebhookRow>(query).map(contract.toWebhook);
  }
}
