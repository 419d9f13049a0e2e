import { type Edge, knownLength, probeKey } from "./graph.ts";
import type { Source } from "./manifest.ts";
import type { RunModel } from "./run-model.ts";
import type { TaskModel } from "./task-model.ts";
import type { ListReports } from "./value.ts";

/** How many elements a mapped task has, or why that is not known. */
export type ListLengths =
  | { readonly kind: "lengths"; readonly lengths: readonly number[]; readonly count: number }
  | { readonly kind: "wait" }
  | { readonly kind: "skipped" }
  | { readonly kind: "upstream_failed" }
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

type Length = { readonly kind: "length"; readonly length: number } | Exclude<ListLengths, { kind: "lengths" }>;

export function listLengths(run: RunModel, task: TaskModel): ListLengths {
  const found = task.graph.lists.map((list) => lengthOf(run, task, list));
  for (const kind of ["upstream_failed", "wait", "failed", "skipped"] as const) {
    const worst = found.find((length) => length.kind === kind);
    if (worst && worst.kind !== "length") return worst;
  }
  const lengths = found.map((length) => (length.kind === "length" ? length.length : 0));
  return combine(task, lengths);
}

function combine(task: TaskModel, lengths: readonly number[]): ListLengths {
  const { manifest } = task.graph;
  const zip = manifest.map?.kind === "zip";
  if (zip && new Set(lengths).size > 1) {
    const named = manifest.map?.lists.map(({ key }, i) => `"${key}" has ${lengths[i]}`).join(", ");
    return {
      kind: "failed",
      code: "MAP_LENGTHS",
      message: `Task "${manifest.name}" zips lists of unequal lengths: ${named}. Make them equally long, or map over their product.`,
    };
  }
  const count = zip ? (lengths[0] ?? 0) : lengths.reduce((product, length) => product * length, 1);
  if (count > manifest.mapLimit) {
    return {
      kind: "failed",
      code: "MAP_TOO_WIDE",
      message: `Task "${manifest.name}" would get ${count} elements; its mapLimit is ${manifest.mapLimit}. Raise mapLimit, or map over batches.`,
    };
  }
  return { kind: "lengths", lengths, count };
}

function lengthOf(run: RunModel, task: TaskModel, list: Source): Length {
  const written = knownLength(list);
  if (written !== null) return { kind: "length", length: written };
  switch (list.kind) {
    case "param":
      return reported(run.header.paramsLists, probeKey(list.path, null));
    case "output":
      return outputLength(run, edgeTo(task, list.task), probeKey(list.path, null));
    case "settled":
      return settledLength(run, edgeTo(task, list.task));
    case "firstOf":
      return firstLength(run, task, list.of, null);
    case "pick":
      return pickedLength(run, task, list.of, list.fn);
    default:
      return {
        kind: "failed",
        code: "NOT_A_LIST",
        message: `Task "${task.graph.manifest.name}" maps over something that is no list.`,
      };
  }
}

function pickedLength(run: RunModel, task: TaskModel, of: Source, fn: number): Length {
  if (of.kind === "param") return reported(run.header.paramsLists, probeKey(of.path, fn));
  if (of.kind === "output") return outputLength(run, edgeTo(task, of.task), probeKey(of.path, fn));
  return of.kind === "firstOf" ? firstLength(run, task, of.of, fn) : WAIT;
}

/** The first alternative that has a value; every one before it must have ended. */
function firstLength(run: RunModel, task: TaskModel, alternatives: readonly Source[], pick: number | null): Length {
  let failed = false;
  for (const alternative of alternatives) {
    const found = pick === null ? lengthOf(run, task, alternative) : pickedLength(run, task, alternative, pick);
    if (found.kind === "length" || found.kind === "wait" || found.kind === "failed") return found;
    failed ||= found.kind === "upstream_failed";
  }
  return failed ? UPSTREAM_FAILED : SKIPPED;
}

function outputLength(run: RunModel, edge: Edge, key: string): Length {
  const { elements, single } = run.task(edge.from);
  if (elements) return expandedLength(run, edge, elements.length);
  if (!run.sees(edge, single)) return WAIT;
  if (single.state === "succeeded") return reported(single.lists, key);
  if (single.state === "skipped") return SKIPPED;
  return UPSTREAM_FAILED;
}

/** A mapped task that never had elements is settled as an empty list. */
function settledLength(run: RunModel, edge: Edge): Length {
  const { elements, single } = run.task(edge.from);
  if (elements) return expandedLength(run, edge, elements.length);
  return run.sees(edge, single) ? { kind: "length", length: 0 } : WAIT;
}

/** A group that may still run again as a whole may come to another length. */
function expandedLength(run: RunModel, { from, hold }: Edge, length: number): Length {
  const source = run.task(from);
  const sure = source.isSure && (hold === null || run.group(hold).graph.each !== null || source.settled(hold));
  return sure ? { kind: "length", length } : WAIT;
}

function reported(lists: ListReports | null, key: string): Length {
  const report = lists?.[key];
  if (!report)
    return {
      kind: "failed",
      code: "NOT_A_LIST",
      message: "The value that should be a list to map over was not reported as one.",
    };
  return "error" in report ? { kind: "failed", ...report.error } : { kind: "length", length: report.length };
}

const edgeTo = (task: TaskModel, from: number): Edge =>
  task.graph.listEdges.find((edge) => edge.from === from) ?? {
    from,
    plain: false,
    uses: false,
    align: { kind: "all" },
    hold: null,
  };

const WAIT: Length = { kind: "wait" };
const SKIPPED: Length = { kind: "skipped" };
const UPSTREAM_FAILED: Length = { kind: "upstream_failed" };
