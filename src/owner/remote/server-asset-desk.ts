import type { Answer } from "../../client/asked.ts";
import type { TuttiClient } from "../../client/tutti-client.ts";
import type { Freshness, FreshnessManifest } from "../../core/freshness.ts";
import type { AssetQuery, AssetSource, AssetUpdateRecord, FindingQuery, FindingRecord } from "../../store/assets.ts";
import type { AssetDesk } from "../asset-desk.ts";
import type { AssetView, AssetViews } from "../asset-view.ts";
import { allPages } from "./all-pages.ts";
import { instant } from "./from-documents.ts";

type AssetDocument = Answer<"get", "/api/assets">["items"][number];
type UpdateDocument = Answer<"get", "/api/assets/{asset}/materializations">["items"][number];
type FindingDocument = Answer<"get", "/api/assets/{asset}/checks">["items"][number];

/** Assets as a server shows them: of the workflows that the token may see. */
export class ServerAssetDesk implements AssetDesk {
  readonly #client: TuttiClient;

  constructor(client: TuttiClient) {
    this.#client = client;
  }

  async all(): Promise<AssetViews> {
    const found = await allPages(Infinity, (page) =>
      this.#client.get("/api/assets", { query: { findings: true, ...page } }),
    );
    const { edges } = await this.#client.get("/api/asset-graph");
    return {
      assets: found.map(assetView),
      edges: edges.map(({ workflow, task, ...edge }) => ({ ...edge, by: { workflow, task } })),
    };
  }

  async updates({ asset, limit, partition }: AssetQuery): Promise<readonly AssetUpdateRecord[]> {
    const found = await allPages(limit, (page) =>
      this.#client.get("/api/assets/{asset}/materializations", {
        params: { asset },
        query: { ...page, ...(partition !== undefined && { partition }) },
      }),
    );
    return found.map((update) => updateRecord(asset, update));
  }

  async findings({ asset, limit, check, runId }: FindingQuery): Promise<readonly FindingRecord[]> {
    const found = await allPages(limit, (page) =>
      this.#client.get("/api/assets/{asset}/checks", {
        params: { asset },
        query: { ...page, ...(check !== undefined && { check }), ...(runId !== undefined && { run: runId }) },
      }),
    );
    return found.map((finding) => findingRecord(asset, finding));
  }

  async close(): Promise<void> {}
}

function assetView(asset: AssetDocument): AssetView {
  const { name, description, owner, tags, freshness, last, findings = [] } = asset;
  return {
    name,
    about: {
      ...(description !== null && { description }),
      ...(owner !== null && { owner }),
      ...(tags.length > 0 && { tags }),
      ...(freshness !== null && { freshness: freshness.policy as FreshnessManifest }),
    },
    state: asset.state,
    freshness: freshness === null ? null : freshnessAt(freshness),
    last: last === null ? null : updateRecord(name, last),
    makers: asset.makers,
    readers: asset.readers,
    starts: asset.starts,
    from: asset.from,
    into: asset.into,
    checks: findings.flatMap(({ check, description: said, blocking, workflow, task }) =>
      workflow === null || task === null
        ? []
        : [{ asset: name, name: check, blocking, workflow, task, ...(said !== null && { description: said }) }],
    ),
    findings: findings
      .flatMap((found) => (found.last === null ? [] : [findingRecord(name, found.last)]))
      .sort((a, b) => (a.check < b.check ? -1 : 1)),
  };
}

const freshnessAt = ({ lateSince, lateAt }: NonNullable<AssetDocument["freshness"]>): Freshness =>
  lateSince === undefined ? { state: "fresh", at: instant(lateAt!) } : { state: "late", at: instant(lateSince) };

const updateRecord = (
  asset: string,
  { at, id, partition, metadata, ...source }: UpdateDocument,
): AssetUpdateRecord => ({
  id,
  asset,
  partition,
  metadata,
  at: instant(at),
  ...sourceOf(source),
});

const findingRecord = (
  asset: string,
  { at, run, workflow, task, taskRun, date, ...found }: FindingDocument,
): FindingRecord => ({
  ...found,
  asset,
  at: instant(at),
  ...sourceOf({ run, workflow, task, taskRun, date }),
});

const sourceOf = ({
  run,
  taskRun,
  ...place
}: Pick<UpdateDocument, "run" | "workflow" | "task" | "taskRun" | "date">): AssetSource => ({
  ...place,
  runId: run,
  taskRunId: taskRun,
});
