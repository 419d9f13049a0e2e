import * as contract from "../assets.ts";
import { toVersionRecord, type VersionRow } from "../version-row.ts";
import * as sql from "./asset.sql.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/** Reads what is known of assets. */
export class SqliteAssets implements contract.Assets {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  async names() {
    return this.#connection
      .all<{ name: string }>(sql.listAssetNames({ limit: contract.MAX_ASSETS }))
      .map(({ name }) => name);
  }

  async latest(names: readonly string[]) {
    const query = sql.listLatestUpdates({ names: JSON.stringify(names), limit: contract.MAX_ASSETS });
    return this.#connection.all<contract.AssetRow>(query).map(contract.toAssetUpdate);
  }

  async lastFindings(names: readonly string[]) {
    const query = sql.listLastFindings({ names: JSON.stringify(names), limit: contract.MAX_ASSETS });
    return this.#connection.all<contract.AssetRow>(query).map(contract.toFinding);
  }

  async updates({ asset, partition, limit, before }: contract.AssetQuery) {
    const query = sql.listUpdates({
      asset,
      partition: partition ?? null,
      before: before ?? Number.MAX_SAFE_INTEGER,
      limit,
    });
    return this.#connection.all<contract.AssetRow>(query).map(contract.toAssetUpdate);
  }

  async findings({ asset, check, runId, limit, before }: contract.FindingQuery) {
    const query = sql.listFindings({
      asset,
      check: check ?? null,
      run: runId ?? null,
      before: before ?? Number.MAX_SAFE_INTEGER,
      limit,
    });
    return this.#connection.all<contract.AssetRow>(query).map(contract.toFinding);
  }

  async watched() {
    const query = sql.listWatchedVersions({ limit: contract.MAX_ASSETS });
    return this.#connection.all<VersionRow>(query).map(toVersionRecord);
  }
}
