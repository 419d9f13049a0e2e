import type { Edge } from "./graph.ts";
import { isTeardown, teardownVerdict } from "./resource.ts";
import type { RunModel } from "./run-model.ts";
import type { TaskInstance } from "./task-instance.ts";
import type { TaskModel } from "./task-model.ts";
import { type RuleVerdict, ruleVerdict, type UpstreamCounts } from "./trigger-rule.ts";

/**
 * Whether a waiting task run may start. A failure is final at once; a skip waits until nothing can turn it into
 * `upstream_failed` any more; so the answer depends on how the upstream ended, never on who ended first.
 */
export function verdict(run: RunModel, task: TaskModel, index: number | null): RuleVerdict {
  if (isTeardown(task)) return teardownVerdict(run, task);
  const branch = branchVerdict(run, task, index);
  if (branch !== "run") return branch;
  const demanded = plainVerdict(run, task, index);
  const chosen = choicesVerdict(run, task, index);
  const ruled = ruleVerdict(task.graph.manifest.rule, countUpstream(run, task, index));
  const all = [demanded, chosen, ruled];
  if (all.includes("upstream_failed")) return "upstream_failed";
  if (all.includes("wait")) return "wait";
  if (all.includes("skipped")) return "skipped";
  return task.graph.soft.every((edge) => softSettled(run, task, edge, index)) ? "run" : "wait";
}

/** A branch skips an arm whatever the arm's rule. A branch that ended without a choice is an upstream like any other. */
export function branchVerdict(run: RunModel, task: TaskModel, index: number | null): RuleVerdict {
  let skipped = false;
  for (const { edge, keys } of task.graph.branches) {
    if (task.graph.elementwise && index === null && edge.align.kind !== "all") continue;
    const branch = sourceOf(run, task, edge, edge.align.kind === "all" ? null : index);
    if (!run.sees(edge, branch)) return "wait";
    if (branch.state === "succeeded" && !keys.some((key) => branch.arms?.includes(key))) skipped = true;
  }
  return skipped ? "skipped" : "run";
}

/** A plain ref demands its value, whatever the rule; to a whole mapped task it always has one, once all have ended. */
function plainVerdict(run: RunModel, task: TaskModel, index: number | null): RuleVerdict {
  let worst: RuleVerdict = "run";
  for (const edge of task.graph.upstream) {
    if (!edge.plain) continue;
    const source = run.task(edge.from);
    if (edge.align.kind === "all" && source.graph.mapped) {
      if (!source.settled(edge.hold) && worst !== "upstream_failed") worst = "wait";
      continue;
    }
    const instance = sourceOf(run, task, edge, index);
    if (!run.sees(edge, instance)) worst = worst === "upstream_failed" ? worst : "wait";
    else if (instance.state === "failed" || instance.state === "upstream_failed" || instance.state === "cancelled")
      worst = "upstream_failed";
    else if (instance.state !== "succeeded" && worst === "run") worst = "skipped";
  }
  return worst;
}

function choicesVerdict(run: RunModel, task: TaskModel, index: number | null): RuleVerdict {
  let worst: RuleVerdict = "run";
  for (const alternatives of task.graph.choices) {
    const found = choiceVerdict(run, task, alternatives, index);
    if (found === "upstream_failed") return found;
    if (found === "wait" || worst === "run") worst = found;
  }
  return worst;
}

function choiceVerdict(
  run: RunModel,
  task: TaskModel,
  alternatives: readonly Edge[],
  index: number | null,
): RuleVerdict {
  let failed = false;
  for (const edge of alternatives) {
    const source = run.task(edge.from);
    if (!softSettled(run, task, edge, index)) return "wait";
    if (hasValue(run, task, edge, index)) return "run";
    const view = source.view(edge.hold);
    const instance = edge.align.kind === "all" && source.graph.mapped ? undefined : sourceOf(run, task, edge, index);
    failed ||= instance ? instance.state !== "skipped" : view.failed + view.upstreamFailed > 0;
  }
  return failed ? "upstream_failed" : "skipped";
}

/** Of a mapped task read as a whole, `firstOf` takes the list when at least one element succeeded. */
export function hasValue(run: RunModel, task: TaskModel, edge: Edge, index: number | null): boolean {
  const source = run.task(edge.from);
  if (edge.align.kind === "all" && source.graph.mapped) return source.view(edge.hold).succeeded > 0;
  return sourceOf(run, task, edge, index)?.state === "succeeded";
}

function softSettled(run: RunModel, task: TaskModel, edge: Edge, index: number | null): boolean {
  return edge.align.kind === "all"
    ? run.task(edge.from).settled(edge.hold)
    : run.sees(edge, sourceOf(run, task, edge, index));
}

/** The one instance of an edge's source that an element reads; the placeholder, when the source never had elements. */
export function sourceOf(run: RunModel, task: TaskModel, edge: Edge, index: number | null): TaskInstance | undefined {
  const source = run.task(edge.from);
  if (!source.elements || edge.align.kind === "all") return source.single;
  return source.elements[sourceIndex(task, edge, index ?? 0)];
}

/** Which element of an aligned source belongs to element `index`. */
export function sourceIndex(task: TaskModel, edge: Edge, index: number): number {
  return edge.align.kind === "list" ? listIndex(task, edge.align.list, index) : index;
}

/** Which element of list `list` belongs to element `index`: in a product the last list is the fastest. */
export function listIndex(task: TaskModel, list: number, index: number): number {
  if (task.graph.manifest.map?.kind !== "product") return index;
  const stride = task.lengths.slice(list + 1).reduce((product, length) => product * length, 1);
  return Math.floor(index / stride) % (task.lengths[list] ?? 1);
}

function countUpstream(run: RunModel, task: TaskModel, index: number | null): UpstreamCounts {
  const counts = { total: 0, ended: 0, succeeded: 0, failed: 0, upstreamFailed: 0, skipped: 0 };
  for (const edge of task.graph.upstream) {
    if (edge.uses) continue;
    if (edge.align.kind === "all") addView(counts, run.task(edge.from).view(edge.hold));
    else addInstance(counts, run, edge, sourceOf(run, task, edge, index));
  }
  return counts;
}

type Counts = { -readonly [K in keyof UpstreamCounts]: number };

function addView(counts: Counts, view: UpstreamCounts): void {
  counts.total += view.total;
  counts.ended += view.ended;
  counts.succeeded += view.succeeded;
  counts.failed += view.failed;
  counts.upstreamFailed += view.upstreamFailed;
  counts.skipped += view.skipped;
}

function addInstance(counts: Counts, run: RunModel, edge: Edge, instance: TaskInstance | undefined): void {
  counts.total++;
  if (!run.sees(edge, instance)) return;
  counts.ended++;
  if (instance.state === "succeeded") counts.succeeded++;
  else if (instance.state === "failed" || instance.state === "cancelled") counts.failed++;
  else if (instance.state === "upstream_failed") counts.upstreamFailed++;
  else if (instance.state === "skipped") counts.skipped++;
}

/** What the whole-task upstream looks like to a rule, as a short text: while it stays the same, no element's verdict can change through it. */
export function sharedDigest(run: RunModel, task: TaskModel): string {
  let digest = "";
  const edges = [
    ...task.graph.upstream,
    ...task.graph.soft,
    ...task.graph.choices.flat(),
    ...task.graph.branches.map((b) => b.edge),
  ];
  for (const edge of edges) {
    if (edge.align.kind !== "all") {
      // One that came to its end without elements has ended for each that would have read one of them.
      const { elements, single } = run.task(edge.from);
      if (!elements && run.sees(edge, single)) digest += "!";
      continue;
    }
    const view = run.task(edge.from).view(edge.hold);
    const bits =
      (view.ended >= view.total ? 1 : 0) |
      (view.succeeded > 0 ? 2 : 0) |
      (view.failed > 0 ? 4 : 0) |
      (view.upstreamFailed > 0 ? 8 : 0) |
      (view.skipped > 0 ? 16 : 0);
    digest += String.fromCharCode(64 + bits);
  }
  return digest;
}
