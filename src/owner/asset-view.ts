import { type AssetEdge, type AssetGraph, assetGraph, type AssetNode } from "../core/asset-graph.ts";
import type { Instant } from "../core/clock.ts";
import { type Freshness, freshnessOf } from "../core/freshness.ts";
import type { Assets, AssetUpdateRecord, FindingRecord } from "../store/assets.ts";
import type { VersionRecord } from "../store/store.ts";

export const ASSET_STATES = ["fresh", "late", "updated", "never"] as const;

/** One asset as it is now: what the code says of it, and what has happened to it. */
export interface AssetView extends AssetNode {
  /** `updated` and `never`: nothing says how old it may be, and it was updated, or not yet. */
  readonly state: (typeof ASSET_STATES)[number];
  /** `null`: nothing says how old it may be. */
  readonly freshness: Freshness | null;
  readonly last: AssetUpdateRecord | null;
  /** What its checks found last, by name; also of those that the code has no more. */
  readonly findings: readonly FindingRecord[];
  /** What it is made from, and what is made from it. */
  readonly from: readonly string[];
  readonly into: readonly string[];
}

export interface AssetViews {
  readonly assets: readonly AssetView[];
  readonly edges: readonly AssetEdge[];
}

const NOWHERE = { about: {}, makers: [], readers: [], starts: [], checks: [] } as const;

/**
 * All assets of these versions, by name. `others`: names that have updates although no code speaks of them.
 */
export async function assetViews(
  versions: readonly VersionRecord[],
  assets: Assets,
  now: Instant,
  others: readonly string[] = [],
): Promise<AssetViews> {
  const graph = assetGraph(versions.map(({ manifest }) => manifest));
  const known = new Set(graph.assets.map(({ name }) => name));
  const nodes: readonly AssetNode[] = [
    ...graph.assets,
    ...others.filter((name) => !known.has(name)).map((name) => ({ name, ...NOWHERE })),
  ];
  const names = nodes.map(({ name }) => name);
  const last = new Map((await assets.latest(names)).map((update) => [update.asset, update]));
  const findings = Map.groupBy(await assets.lastFindings(names), ({ asset }) => asset);
  const since = firstHeardOf(versions);
  const near = neighbours(graph);
  return {
    edges: graph.edges,
    assets: nodes
      .map((node) => {
        const update = last.get(node.name) ?? null;
        const policy = node.about.freshness;
        const freshness = policy ? freshnessOf(policy, update?.at ?? since.get(node.name) ?? now, now) : null;
        return {
          ...node,
          state: freshness?.state ?? (update === null ? "never" : "updated"),
          freshness,
          last: update,
          findings: findings.get(node.name) ?? [],
          from: [...(near.from.get(node.name) ?? [])],
          into: [...(near.into.get(node.name) ?? [])],
        } satisfies AssetView;
      })
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** When the oldest version that speaks of an asset was made. */
function firstHeardOf(versions: readonly VersionRecord[]): ReadonlyMap<string, Instant> {
  const since = new Map<string, Instant>();
  for (const { manifest, createdAt } of versions)
    for (const { assets = [] } of manifest.tasks)
      for (const { name } of assets) since.set(name, Math.min(since.get(name) ?? createdAt, createdAt));
  return since;
}

function neighbours({ edges }: AssetGraph): Record<"from" | "into", Map<string, Set<string>>> {
  const near = { from: new Map<string, Set<string>>(), into: new Map<string, Set<string>>() };
  const add = (map: Map<string, Set<string>>, key: string, value: string): void =>
    void map.set(key, (map.get(key) ?? new Set()).add(value));
  for (const { from, to } of edges) {
    add(near.from, to, from);
    add(near.into, from, to);
  }
  return near;
}

/** What the checks of an asset found last, in numbers. */
export function findingCounts({ findings }: Pick<AssetView, "findings">): Record<"pass" | "warn" | "fail", number> {
  const counts = { pass: 0, warn: 0, fail: 0 };
  for (const { status } of findings) counts[status] += 1;
  return counts;
}
