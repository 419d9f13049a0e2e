import { fromStoredText, toStoredText } from "../stored-text.ts";
import * as contract from "../webhooks.ts";
import type { PostgresConnection } from "./postgres-connection.ts";
import * as sql from "./webhook.sql.ts";

/** Reads which webhooks a database has. */
export class PostgresWebhooks implements contract.Webhooks {
  readonly #connection: PostgresConnection;

  constructor(connection: PostgresConnection) {
    this.#connection = connection;
  }

  async list() {
    const query = sql.listWebhooks({ limit: contract.MAX_WEBHOOKS });
    const rows = await this.#connection.all<contract.WebhookRow>(query);
    return rows.map((row) => {
      const { workflows, ...webhook } = contract.toWebhook(row);
      return {
        ...webhook,
        createdBy: fromStoredText(webhook.createdBy),
        workflows: workflows && workflows.map(fromStoredText),
      };
    });
  }
}

/** As it is bound here. */
export const webhookRow = ({ workflows, ...facts }: contract.WebhookFacts) =>
  contract.fromWebhook({ ...facts, workflows: workflows && workflows.map(toStoredText) });
