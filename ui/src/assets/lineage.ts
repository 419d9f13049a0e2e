import type { AssetGraph } from "../api/assets.ts";
import type { ShownGraph, ShownNode } from "../graph/shown-graph.ts";
import { durationText } from "../words/duration-text.ts";

/** The line of an asset is its age over what its freshness allows: past the end it gets a stop. */
export interface Age {
  readonly part: number;
  readonly tone: "fresh" | "nearly" | "late";
}

/** From here on it is soon too old. */
const NEARLY = 0.85;
const MINUTE = 60_000;
const CHAR = 7.1;
const LEAST = 148;
const MOST = 230;

export type LineageNode = AssetGraph["assets"][number];

export interface Lineage {
  readonly shown: ShownGraph;
  readonly edges: readonly (readonly [number, number])[];
}

/** What of the graph of assets is drawn. `around`: only what is so many steps from one of them. */
export function lineageOf(graph: AssetGraph, now: number, around?: { name: string; steps: number }): Lineage {
  const kept = around === undefined ? null : near(graph, around.name, around.steps);
  const assets = graph.assets.filter(({ name }) => kept === null || kept.has(name));
  const places = new Map(assets.map(({ name }, at) => [name, at]));
  const edges = new Map<string, readonly [number, number]>();
  for (const { from, to } of graph.edges) {
    const [a, b] = [places.get(from), places.get(to)];
    // Two assets may be made from each other, over days; one way is drawn.
    if (a !== undefined && b !== undefined && a !== b && !edges.has(`${b} ${a}`)) edges.set(`${a} ${b}`, [a, b]);
  }
  const tasks = assets.map((asset) => nodeOf(asset, now));
  return {
    edges: [...edges.values()],
    shown: {
      tasks,
      groups: [],
      toDraw: {
        tasks: tasks.map(({ name, note }) => ({
          group: null,
          width: Math.min(MOST, Math.max(LEAST, Math.ceil((shortName(name).length + note.length + 3) * CHAR))),
        })),
        groups: [],
        edges: [...edges.values()],
      },
    },
  };
}

function nodeOf({ name, state, updatedAt, lateAt, checks }: LineageNode, now: number): ShownNode {
  const since = updatedAt === null ? null : Date.parse(updatedAt);
  const old = since === null ? "never made" : now - since < MINUTE ? "just made" : `${durationText(now - since)} old`;
  return {
    name,
    label: shortName(name),
    state: null,
    parts: [],
    note: schemeOf(name),
    figure: [
      state !== "late" || lateAt === null
        ? old
        : now - Date.parse(lateAt) < MINUTE
          ? "late"
          : `late by ${durationText(now - Date.parse(lateAt))}`,
      ...(checks.fail > 0 ? [`${checks.fail} of ${checks.pass + checks.warn + checks.fail} checks failed`] : []),
    ].join(", "),
    age: ageOf(state, since, lateAt === null ? null : Date.parse(lateAt), now),
  };
}

function ageOf(state: LineageNode["state"], since: number | null, lateAt: number | null, now: number): Age | null {
  if (state === "late") return { part: 1, tone: "late" };
  if (since === null || lateAt === null || lateAt <= since) return null;
  const part = Math.min(1, Math.max(0.02, (now - since) / (lateAt - since)));
  return { part, tone: part > NEARLY ? "nearly" : "fresh" };
}

/** `sales/daily` of `warehouse://sales/daily`. */
export const shortName = (name: string): string => /^[a-z0-9+.-]+:\/\/(.+)$/i.exec(name)?.[1] ?? name;
/** `warehouse` of `warehouse://sales/daily`. */
export const schemeOf = (name: string): string => /^([a-z0-9+.-]+):\/\/./i.exec(name)?.[1] ?? "";

/** What is made from it, directly or not, nearest first. */
export function madeFrom(graph: AssetGraph, name: string): string[] {
  const found = new Set<string>();
  let front = [name];
  while (front.length > 0) {
    const next = new Set<string>();
    for (const { from, to } of graph.edges)
      if (front.includes(from) && !found.has(to) && to !== name) {
        found.add(to);
        next.add(to);
      }
    front = [...next];
  }
  return [...found];
}

function near({ edges }: AssetGraph, name: string, steps: number): Set<string> {
  const kept = new Set([name]);
  for (const [a, b] of [
    ["from", "to"],
    ["to", "from"],
  ] as const) {
    let front = new Set([name]);
    for (let step = 0; step < steps && front.size > 0; step++) {
      front = new Set(edges.flatMap((edge) => (front.has(edge[a]) && !kept.has(edge[b]) ? [edge[b]] : [])));
      for (const each of front) kept.add(each);
    }
  }
  return kept;
}
