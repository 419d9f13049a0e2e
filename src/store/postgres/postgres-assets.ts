import * as contract from "../assets.ts";
import type { VersionRow } from "../version-row.ts";
import * as sql from "./asset.sql.ts";
import type { Session } from "./postgres-connection.ts";
import { fromUuid, toUuid } from "./run-uuid.ts";
import { fromStoredText } from "../stored-text.ts";
import { toVersionRecord } from "./version-registry.ts";

/** Reads what is known of assets. */
export class PostgresAssets implements contract.Assets {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async names() {
    const rows = await this.#session.all<{ name: string }>(sql.listAssetNames({ limit: contract.MAX_ASSETS }));
    return rows.map(({ name }) => name);
  }

  async latest(names: readonly string[]) {
    const query = sql.listLatestUpdates({ names: JSON.stringify(names), limit: contract.MAX_ASSETS });
    return (await this.#session.all<contract.AssetRow>(query)).map((row) => contract.toAssetUpdate(read(row)));
  }

  async lastFindings(names: readonly string[]) {
    const query = sql.listLastFindings({ names: JSON.stringify(names), limit: contract.MAX_ASSETS });
    return (await this.#session.all<contract.AssetRow>(query)).map((row) => contract.toFinding(read(row)));
  }

  async updates({ asset, partition, limit, before }: contract.AssetQuery) {
    const query = sql.listUpdates({
      asset,
      partition: partition ?? null,
      before: before ?? Number.MAX_SAFE_INTEGER,
      limit,
    });
    return (await this.#session.all<contract.AssetRow>(query)).map((row) => contract.toAssetUpdate(read(row)));
  }

  async findings({ asset, check, runId, limit, before }: contract.FindingQuery) {
    const run = runId === undefined ? null : toUuid(runId);
    if (runId !== undefined && run === null) return [];
    const query = sql.listFindings({
      asset,
      check: check ?? null,
      run,
      before: before ?? Number.MAX_SAFE_INTEGER,
      limit,
    });
    return (await this.#session.all<contract.AssetRow>(query)).map((row) => contract.toFinding(read(row)));
  }

  async watched() {
    const rows = await this.#session.all<VersionRow>(sql.listWatchedVersions({ limit: contract.MAX_ASSETS }));
    return rows.map(toVersionRecord);
  }
}

const read = (row: contract.AssetRow): contract.AssetRow => ({
  ...row,
  run: row.run === null ? null : fromUuid(row.run),
  workflow: row.workflow && fromStoredText(row.workflow),
  task: row.task && fromStoredText(row.task),
});
