import type { GroupManifest, TaskManifest } from "../core/manifest.ts";
import type { BuiltWorkflow } from "./built.ts";
import { buildFlow } from "./build-flow.ts";
import { checkManifest, checksOf, type DeclaredCheck } from "./check.ts";
import { findCycle } from "./cycle.ts";
import { refuseDecisions } from "./decided-by-ref.ts";
import { Draft, drafting, type TaskDraft } from "./draft.ts";
import { assignNames, checkName } from "./names.ts";
import { makeRef, type Ref } from "./ref.ts";
import { blaming, refusalAt, type Site } from "./refusal.ts";
import { refuseAsync } from "./sync.ts";
import { placeTeardowns, type WorkflowAlerts } from "./teardowns.ts";
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
  if (definition.kind === "flow") return buildFlow(definition);
  const { site } = definition;
  const name = blaming(site, () => checkName(definition.name, "a workflow"));
  const { schema, receivers, triggerFunctions, ...options } = blaming(site, () =>
    readWorkflowOptions(definition.options, `Workflow "${name}"`),
  );
  const draft = new Draft(name, schema !== null);
  place(draft, definition);
  const { checks: declared } = definition.declarations;
  const { tasks, groups } = assemble(draft, site, declared, { alerts: options.alerts, receivers });
  definition.declarations.closed = true;
  return {
    manifest: {
      name,
      kind: "dag",
      ...options,
      tasks,
      groups,
      picks: draft.picks.length,
      connections: [...definition.declarations.names].sort(),
    },
    bodies: draft.tasks.map(({ fn, retryOn, receivers, options: { produces } }) => {
      const checks = checksOf(declared, produces).map((check) => check.fn);
      return { fn, retryOn, receivers, ...(checks.length > 0 && { checks }) };
    }),
    picks: draft.picks,
    triggers: triggerFunctions,
    params: schema,
    receivers,
  };
}

function place(draft: Draft, { body, site }: WorkflowDefinition): void {
  const what = `Workflow "${draft.workflow}"`;
  if (typeof body !== "function")
    throw refusalAt(
      site,
      "BAD_BODY",
      `${what} has no body. Write dag(name, options, () => { … }), with {} for no options.`,
    );
  const params = makeRef({
    draft,
    source: { kind: "param", path: [] },
    root: "params",
    path: [],
    list: false,
    within: null,
  });
  const returned = drafting(draft, () => body({ params: params as Ref<unknown> }));
  blaming(site, () => refuseAsync(returned, what));
  blaming(site, () => refuseDecisions(draft, body));
  if (draft.tasks.length === 0)
    throw refusalAt(site, "EMPTY_WORKFLOW", `${what} places no task. Call at least one in its body.`);
}

function assemble(
  draft: Draft,
  site: Site,
  declared: readonly DeclaredCheck[],
  alerts: WorkflowAlerts,
): { tasks: TaskManifest[]; groups: GroupManifest[] } {
  placeTeardowns(draft, alerts);
  const names = assignNames(draft.tasks, "task", draft.workflow);
  const groupNames = assignNames(draft.groups, "group", draft.workflow);
  const cycle = findCycle(draft, names, groupNames);
  if (cycle !== null) throw cyclic(site, draft.workflow, cycle);
  return {
    tasks: draft.tasks.map((task, place) => taskManifest(draft, task, names[place] as string, declared)),
    groups: draft.groups.map(({ parent, each, retries }, place) => ({
      name: groupNames[place] as string,
      parent,
      each,
      retries,
    })),
  };
}

function cyclic(site: Site, workflow: string, cycle: readonly string[]): Error {
  const why = cycle.some((name) => name.startsWith("group "))
    ? " A group with retries counts as one: what is outside of it waits for its end."
    : "";
  return refusalAt(
    site,
    "CYCLE",
    `Workflow "${workflow}" has a cycle, so these tasks could never start: ${cycle.join(" -> ")}. Take one of the dependencies away.${why}`,
  );
}

function taskManifest(draft: Draft, task: TaskDraft, name: string, declared: readonly DeclaredCheck[]): TaskManifest {
  if (task.kind === "branch" && task.arms === null)
    throw refusalAt(
      task.site,
      "BRANCH_WITHOUT_ARMS",
      `Branch "${name}" in workflow "${draft.workflow}" has no arms. Give them with .to({ key: task, … }).`,
    );
  const { kind, input, map, group, rule, arms, options } = task;
  const checks = checksOf(declared, options.produces).map(checkManifest);
  const after = [...task.after].sort((a, b) => a - b);
  return { name, kind, ...options, ...(checks.length > 0 && { checks }), input, map, group, after, rule, arms };
}
