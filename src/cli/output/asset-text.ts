import { freshnessText } from "../../core/freshness.ts";
import { type AssetView, type AssetViews, findingCounts } from "../../owner/asset-view.ts";
import { updateDocument, findingDocument } from "./asset-history-text.ts";
import { STATUS_COLORS } from "./check-colors.ts";
import { drawLanes } from "./lanes.ts";
import type { Output } from "./output.ts";
import { printTable } from "./table.ts";
import { isoText, timeText } from "./time-text.ts";

const COLORS = { fresh: "green", late: "red", updated: "green", never: "dim" } as const;

export function assetTable(views: readonly AssetView[], out: Output): void {
  printTable(out, views, [
    { head: "asset", cell: ({ name }) => out.style("bold", name) },
    { head: "state", cell: (view) => out.style(COLORS[view.state], stateText(view)) },
    { head: "updated", cell: ({ last }) => timeText(last?.at ?? null) },
    { head: "part", cell: ({ last }) => last?.partition ?? "" },
    { head: "checks", cell: (view) => checksText(view, out) },
    { head: "made by", cell: ({ makers }) => placesText(makers) },
    { head: "owner", cell: ({ about }) => about.owner ?? "" },
  ]);
}

const stateText = ({ state, freshness }: AssetView): string =>
  state === "late" ? `late since ${timeText(freshness!.at)}` : state === "never" ? "not yet" : state;

function checksText(view: AssetView, out: Output): string {
  const { pass, warn, fail } = findingCounts(view);
  const parts = [
    fail > 0 ? out.style("red", `${fail} failed`) : "",
    warn > 0 ? out.style("yellow", `${warn} warned`) : "",
    pass > 0 ? out.style("green", `${pass} passed`) : "",
  ].filter((part) => part !== "");
  const silent = view.checks.length - view.findings.length;
  return [...parts, ...(silent > 0 ? [`${silent} not run`] : [])].join(", ");
}

const placesText = (places: AssetView["makers"]): string =>
  [...new Set(places.map(({ workflow, task }) => `${workflow} / ${task}`))].join(", ");

/** Everything about one asset. */
export function assetLines(view: AssetView, out: Output): string[] {
  const { about, last } = view;
  const row = (head: string, text: string): string[] =>
    text === "" ? [] : [`${out.style("dim", head.padEnd(10))}${text}`];
  return [
    `${out.style("bold", view.name)}  ${out.style(COLORS[view.state], stateText(view))}`,
    ...(about.description === undefined ? [] : [about.description]),
    ...row("owner", about.owner ?? ""),
    ...row("tags", (about.tags ?? []).join(", ")),
    ...row("fresh", about.freshness === undefined ? "" : freshnessText(about.freshness)),
    ...row("updated", last === null ? "" : `${timeText(last.at)}${last.runId === null ? "" : ` by run ${last.runId}`}`),
    ...row("said", last === null || last.metadata === null ? "" : JSON.stringify(last.metadata)),
    ...row("made by", placesText(view.makers)),
    ...row("read by", placesText(view.readers)),
    ...row("starts", view.starts.join(", ")),
    ...row("from", view.from.join(", ")),
    ...row("into", view.into.join(", ")),
    ...checkNames(view).flatMap((name) => row("check", checkText(view, name, out))),
  ];
}

const checkNames = ({ checks, findings }: AssetView): string[] => [
  ...new Set([...checks.map(({ name }) => name), ...findings.map(({ check }) => check)]),
];

function checkText({ checks, findings }: AssetView, name: string, out: Output): string {
  const declared = checks.find((check) => check.name === name);
  const found = findings.find(({ check }) => check === name);
  const status =
    found === undefined ? out.style("dim", "not run") : out.style(STATUS_COLORS[found.status], found.status);
  const said = found === undefined || found.message === null ? "" : `: ${found.message}`;
  return `${name} ${status}${declared?.blocking === true ? " (blocking)" : ""}${said}`;
}

/** An asset a line, each after what it is made from. */
export function graphOfAssets({ assets, edges }: AssetViews, out: Output): string[] {
  const places = new Map(assets.map(({ name }, place) => [name, place]));
  const into = assets.map(() => new Set<number>());
  const open = assets.map(() => 0);
  for (const { from, to } of edges) {
    const [a, b] = [places.get(from)!, places.get(to)!];
    if (!into[a]!.has(b)) open[b]! += 1;
    into[a]!.add(b);
  }
  const order: number[] = [];
  const ready = assets.map((_, place) => place).filter((place) => open[place] === 0);
  for (let at = ready.shift(); at !== undefined; at = ready.shift()) {
    order.push(at);
    for (const next of into[at]!) if (--open[next]! === 0) ready.push(next);
  }
  // What goes round in a circle stands at the end, undrawn: it has no first.
  const rest = assets.map((_, place) => place).filter((place) => !order.includes(place));
  const known = new Set(order);
  const rows =
    drawLanes(order, (node) => [...into[node]!].filter((next) => known.has(next))) ??
    order.map((node) => ({ node, lanes: "●" }));
  const width = Math.max(0, ...rows.map(({ lanes }) => lanes.length));
  const line = (place: number, lanes: string): string => {
    const view = assets[place]!;
    const by = placesText(view.makers);
    return `${out.style("cyan", lanes.padEnd(width))}  ${out.style("bold", view.name)}  ${out.style(COLORS[view.state], stateText(view))}${by === "" ? "" : out.style("dim", `  ${by}`)}`;
  };
  return [
    ...rows.map(({ node, lanes }) => (node === null ? out.style("cyan", lanes.trimEnd()) : line(node, lanes))),
    ...rest.map((place) => line(place, "○")),
  ];
}

export const assetDocument = (view: AssetView): object => {
  const { name, about, state, freshness, last, makers, readers, starts, from, into, checks, findings } = view;
  return {
    name,
    description: about.description ?? null,
    owner: about.owner ?? null,
    tags: about.tags ?? [],
    state,
    freshness: about.freshness ?? null,
    lateAt: freshness === null ? null : isoText(freshness.at),
    last: last === null ? null : updateDocument(last),
    makers,
    readers,
    starts,
    from,
    into,
    checks: checks.map(({ name: check, description = null, blocking }) => ({ check, description, blocking })),
    findings: findings.map(findingDocument),
  };
};
