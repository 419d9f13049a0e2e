import { isSameGraph, type ManifestDiff } from "../../core/manifest-diff.ts";

const MANY = 8;

/** In a line: `+ audit`, `- cleanup`, `~ load (retries)`, and what of the workflow itself has changed. */
export function diffText(diff: ManifestDiff): string {
  if (isSameGraph(diff)) return "only code";
  const parts = diffLines(diff).map(({ mark, text }) => `${mark} ${text}`);
  return parts.length <= MANY
    ? parts.join(", ")
    : `${parts.slice(0, MANY).join(", ")} and ${parts.length - MANY} more changes`;
}

export interface DiffLine {
  readonly mark: "+" | "-" | "~";
  readonly text: string;
}

/** Each difference a line: the workflow, its tasks, then those edges that no new or gone task explains. */
export function diffLines({ tasks, edges, groups, fields }: ManifestDiff): DiffLine[] {
  const moved = new Set([...tasks.added, ...tasks.removed]);
  const own = ({ from, to }: { from: string; to: string }) => !moved.has(from) && !moved.has(to);
  const edge = ({ from, to }: { from: string; to: string }) => `${from} → ${to}`;
  return [
    ...fields.map((field): DiffLine => ({ mark: "~", text: field })),
    ...tasks.added.map((text): DiffLine => ({ mark: "+", text })),
    ...tasks.removed.map((text): DiffLine => ({ mark: "-", text })),
    ...tasks.changed.map(({ name, fields }): DiffLine => ({ mark: "~", text: `${name} (${fields.join(", ")})` })),
    ...groups.map(({ name, fields }): DiffLine => ({ mark: "~", text: `group ${name} (${fields.join(", ")})` })),
    ...edges.added.filter(own).map((added): DiffLine => ({ mark: "+", text: edge(added) })),
    ...edges.removed.filter(own).map((removed): DiffLine => ({ mark: "-", text: edge(removed) })),
  ];
}
