import { assetContracts } from "../../api/asset-contracts.ts";
import { TuttiError } from "../../core/errors.ts";
import { freshnessText } from "../../core/freshness.ts";
import { momentOrNull, momentText } from "../../core/moment-text.ts";
import { type AssetView, type AssetViews, assetViews, findingCounts } from "../../owner/asset-view.ts";
import type { AssetSource, AssetUpdateRecord, FindingRecord } from "../../store/assets.ts";
import { wallClock } from "../../store/wall-clock.ts";
import type { Caller } from "../caller.ts";
import { on } from "../handler.ts";
import { isWhole, PageCursor, sliced } from "../page-cursor.ts";
import type { ServerContext } from "../server-context.ts";

type Seen = ReadonlySet<string> | null;

export const assetRoutes = [
  on(assetContracts.list, async ({ query, caller }, server) => {
    const { search, state, workflow, failing, findings = false } = query;
    const seen = await server.catalog.visible(caller);
    const wanted = search?.toLowerCase();
    const found = (await views(caller, server)).assets.filter(
      (view) =>
        (wanted === undefined || view.name.toLowerCase().includes(wanted)) &&
        (state === undefined || view.state === state) &&
        (workflow === undefined || [...view.makers, ...view.readers].some((place) => place.workflow === workflow)) &&
        (failing === undefined || findingCounts(view).fail > 0 === failing),
    );
    const page = sliced(found, query, new PageCursor("assets", query));
    const items = page.items.map((view) => ({
      ...assetDocument(view, seen),
      ...(findings && { findings: checkDocuments(view, seen) }),
    }));
    return { ...page, items };
  }),

  on(assetContracts.graph, async ({ caller }, server) => {
    const { assets, edges } = await views(caller, server);
    return {
      assets: assets.map((view) => ({
        name: view.name,
        state: view.state,
        updatedAt: momentOrNull(view.last?.at ?? null),
        lateAt: momentOrNull(view.freshness?.at ?? null),
        checks: findingCounts(view),
        owner: view.about.owner ?? null,
        tags: [...(view.about.tags ?? [])],
      })),
      edges: edges.map(({ by, ...edge }) => ({ ...edge, ...by })),
    };
  }),

  on(assetContracts.get, async ({ params, caller }, server) => {
    const seen = await server.catalog.visible(caller);
    const view = await one(params.asset, caller, server);
    return { ...assetDocument(view, seen), findings: checkDocuments(view, seen) };
  }),

  on(assetContracts.updates, async ({ params, query, caller }, server) => {
    const seen = await server.catalog.visible(caller);
    const { name } = await one(params.asset, caller, server);
    const cursor = new PageCursor(`assets ${name}`, query);
    const { limit = 100, partition } = query;
    const before = cursor.read(query.cursor, isWhole) ?? null;
    const asked = { asset: name, before, limit: limit + 1, ...(partition !== undefined && { partition }) };
    const found = await server.reader.assets.updates(asked);
    const items = found.slice(0, limit);
    return {
      items: items.map((update) => updateDocument(update, seen)),
      next: found.length > limit ? cursor.at(items.at(-1)!.id) : null,
    };
  }),

  on(assetContracts.findings, async ({ params, query, caller }, server) => {
    const seen = await server.catalog.visible(caller);
    const { name } = await one(params.asset, caller, server);
    const cursor = new PageCursor(`checks ${name}`, query);
    const { limit = 100, check, run } = query;
    const found = await server.reader.assets.findings({
      asset: name,
      before: cursor.read(query.cursor, isWhole) ?? null,
      limit: limit + 1,
      ...(check !== undefined && { check }),
      ...(run !== undefined && { runId: run }),
    });
    const items = found.slice(0, limit);
    return {
      items: items.map((finding) => findingDocument(finding, seen)),
      next: found.length > limit ? cursor.at(items.at(-1)!.id) : null,
    };
  }),
];

/** Of the workflows that the caller may see; what no code speaks of any more only he sees who sees everything. */
async function views(caller: Caller, { catalog, reader }: ServerContext): Promise<AssetViews> {
  const versions = (await catalog.list(caller)).filter(({ summary }) => !summary.retired).map(({ version }) => version);
  const others = caller.tags === null ? await reader.assets.names() : [];
  return assetViews(versions, reader.assets, wallClock.now(), others);
}

async function one(name: string, caller: Caller, server: ServerContext): Promise<AssetView> {
  const view = (await views(caller, server)).assets.find((each) => each.name === name);
  if (view === undefined)
    throw new TuttiError("ASSET_NOT_FOUND", `There is no asset "${name}" in this store, or you may not see it.`);
  return view;
}

/** What the code checks, and what was checked before. */
function checkDocuments({ checks, findings }: AssetView, seen: Seen) {
  const last = new Map(findings.map((finding) => [finding.check, finding]));
  const declared = checks.map(({ name, description, blocking, workflow, task }) => {
    const found = last.get(name);
    return {
      check: name,
      description: description ?? null,
      blocking,
      workflow,
      task,
      last: found ? findingDocument(found, seen) : null,
    };
  });
  for (const { name } of checks) last.delete(name);
  const others = [...last.values()].map((finding) => ({
    check: finding.check,
    description: null,
    blocking: finding.blocking,
    workflow: null,
    task: null,
    last: findingDocument(finding, seen),
  }));
  return [...declared, ...others];
}

function assetDocument(view: AssetView, seen: Seen) {
  const { name, about, state, freshness, last, makers, readers, starts, from, into } = view;
  return {
    name,
    description: about.description ?? null,
    owner: about.owner ?? null,
    tags: [...(about.tags ?? [])],
    state,
    freshness:
      about.freshness === undefined || freshness === null
        ? null
        : {
            policy: about.freshness,
            text: freshnessText(about.freshness),
            ...(freshness.state === "late"
              ? { lateSince: momentText(freshness.at) }
              : { lateAt: momentText(freshness.at) }),
          },
    last: last === null ? null : updateDocument(last, seen),
    checks: findingCounts(view),
    makers: makers.map((place) => ({ ...place })),
    readers: readers.map((place) => ({ ...place })),
    starts: [...starts],
    from: [...from],
    into: [...into],
  };
}

const updateDocument = ({ id, at, partition, metadata, ...source }: AssetUpdateRecord, seen: Seen) => ({
  id,
  at: momentText(at),
  partition,
  metadata,
  ...sourceDocument(source, seen),
});

const findingDocument = (finding: FindingRecord, seen: Seen) => ({
  id: finding.id,
  at: momentText(finding.at),
  check: finding.check,
  status: finding.status,
  message: finding.message,
  metadata: finding.metadata,
  blocking: finding.blocking,
  tookMs: finding.tookMs,
  partition: finding.partition,
  ...sourceDocument(finding, seen),
});

/** Where it comes from, unless that is a workflow that the caller may not see. */
const sourceDocument = ({ runId, workflow, task, taskRunId, date }: AssetSource, seen: Seen) =>
  seen !== null && (workflow === null || !seen.has(workflow))
    ? { run: null, workflow: null, task: null, taskRun: null, date: null }
    : { run: runId, workflow, task, taskRun: taskRunId, date };
