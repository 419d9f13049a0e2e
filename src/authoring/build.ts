import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { GroupManifest, TaskManifest } from "../core/manifest.ts";
import type { BuiltWorkflow } from "./built.ts";
import { findCycle } from "./cycle.ts";
import { Draft, drafting, type TaskDraft } from "./draft.ts";
import { assignNames, checkName } from "./names.ts";
import { makeRef, type Ref } from "./ref.ts";
import { refusal, refusalAt } from "./refusal.ts";
import { refuseAsync } from "./sync.ts";
import { type Workflow, type WorkflowDefinition, workflowDefinition } from "./workflow.ts";
import { readWorkflowOptions } from "./workflow-options.ts";

export { isWorkflow } from "./workflow.ts";

const BUILT = new WeakMap<WorkflowDefinition, BuiltWorkflow>();

/**
 * Runs a workflow's body and checks the graph: once, later calls give the same.
 *
 * @throws TuttiError Everything that is wrong with the workflow; see `dag` and `task`.
 */
export function build(workflow: Workflow<never> | Workflow): BuiltWorkflow {
  const definition = workflowDefinition(workflow);
  const known = BUILT.get(definition);
  if (known !== undefined) return known;
  const built = buildNow(definition);
  BUILT.set(definition, built);
  return built;
}

function buildNow(definition: WorkflowDefinition): BuiltWorkflow {
  const name = checkName(definition.name, "a workflow");
  const what = `Workflow "${name}"`;
  const { schema, ...options } = readWorkflowOptions(definition.options, what);
  const draft = new Draft(name, schema !== null);
  place(draft, definition, what);
  if (draft.tasks.length === 0) throw refusal("EMPTY_WORKFLOW", `${what} places no task. Call at least one in its body.`);
  const { tasks, groups } = assemble(draft);
  definition.declarations.closed = true;
  return {
    manifest: { name, kind: "dag", ...options, tasks, groups, picks: draft.picks.length, connections: [...definition.declarations.names].sort() },
    bodies: draft.tasks.map(({ fn, retryOn }) => ({ fn, retryOn })),
    picks: draft.picks,
    params: schema as StandardSchemaV1 | null,
  };
}

function place(draft: Draft, { body }: WorkflowDefinition, what: string): void {
  if (typeof body !== "function") throw refusal("BAD_BODY", `${what} has no body. Write dag(name, options, () => { … }), with {} for no options.`);
  const params = makeRef({ draft, source: { kind: "param", path: [] }, root: "params", path: [], list: false, within: null });
  refuseAsync(
    drafting(draft, () => body({ params: params as Ref<unknown> })),
    what,
  );
}

function assemble(draft: Draft): { tasks: TaskManifest[]; groups: GroupManifest[] } {
  const names = assignNames(draft.tasks, "task", draft.workflow);
  const groupNames = assignNames(draft.groups, "group", draft.workflow);
  const cycle = findCycle(draft, names);
  if (cycle !== null) throw refusal("CYCLE", `Workflow "${draft.workflow}" has a cycle, so none of its tasks could ever start: ${cycle.join(" -> ")}. Take one of these dependencies away.`);
  return {
    tasks: draft.tasks.map((task, place) => taskManifest(draft, task, names[place] as string)),
    groups: draft.groups.map(({ parent, each, retries }, place) => ({ name: groupNames[place] as string, parent, each, retries })),
  };
}

function taskManifest(draft: Draft, task: TaskDraft, name: string): TaskManifest {
  if (task.kind === "branch" && task.arms === null)
    throw refusalAt(task.site, "BRANCH_WITHOUT_ARMS", `Branch "${name}" in workflow "${draft.workflow}" has no arms. Give them with .to({ key: task, … }).`);
  const { kind, input, map, group, rule, arms, options } = task;
  return { name, kind, ...options, input, map, group, after: [...task.after].sort((a, b) => a - b), rule, arms };
}
