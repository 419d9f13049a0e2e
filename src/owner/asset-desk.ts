import type { AssetQuery, AssetUpdateRecord, FindingQuery, FindingRecord } from "../store/assets.ts";
import type { StoreReader } from "../store/reader.ts";
import type { VersionRecord } from "../store/store.ts";
import { wallClock } from "../store/wall-clock.ts";
import { type AssetViews, assetViews } from "./asset-view.ts";

/** Where assets are asked for: a store, or the server of one. */
export interface AssetDesk {
  all(): Promise<AssetViews>;
  /** Newest first. */
  updates(query: AssetQuery): Promise<readonly AssetUpdateRecord[]>;
  /** Newest first. */
  findings(query: FindingQuery): Promise<readonly FindingRecord[]>;
  close(): Promise<void>;
}

/** Reads them where they are. */
export class StoreAssetDesk implements AssetDesk {
  readonly #reader: StoreReader;

  constructor(reader: StoreReader) {
    this.#reader = reader;
  }

  async all(): Promise<AssetViews> {
    const { assets } = this.#reader;
    const versions: VersionRecord[] = [];
    for (const { name, retired } of await this.#reader.listWorkflows()) {
      const version = retired ? null : await this.#reader.latestVersion(name);
      if (version !== null) versions.push(version);
    }
    return assetViews(versions, assets, wallClock.now(), await assets.names());
  }

  updates(query: AssetQuery): Promise<readonly AssetUpdateRecord[]> {
    return this.#reader.assets.updates(query);
  }

  findings(query: FindingQuery): Promise<readonly FindingRecord[]> {
    return this.#reader.assets.findings(query);
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}
