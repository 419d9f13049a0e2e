import type { AlertPlan } from "../core/alert-plan.ts";
import { outputs } from "../core/source.ts";
import type { AlertReceivers } from "./alert-options.ts";
import { upstream } from "./cycle.ts";
import type { Draft, TaskDraft } from "./draft.ts";
import { refusalAt } from "./refusal.ts";

/** Whom a workflow tells of what. */
export interface WorkflowAlerts {
  readonly alerts?: AlertPlan;
  readonly receivers: AlertReceivers | null;
}

/**
 * Puts every teardown behind what uses the resource: whoever reads its value, or comes after it. What was set up with the help of another
 * resource is taken down before that one is. Known only when the whole graph is there.
 *
 * @throws TuttiError `UNUSED_RESOURCE`, `MAP_SOURCE_UNSUPPORTED`
 */
export function placeTeardowns(draft: Draft, workflow: WorkflowAlerts): void {
  const teardowns = new Map(
    draft.tasks.flatMap((task) => (task.kind === "teardown" ? [[setupOf(task), task] as const] : [])),
  );
  if (teardowns.size === 0) return;
  for (const task of draft.tasks) {
    if (task.kind === "teardown") continue;
    refuseLists(draft, task, teardowns);
    for (const from of new Set(upstream(draft, task))) {
      const teardown = teardowns.get(from);
      if (teardown === undefined) continue;
      teardown.after.add(task.ordinal);
      const inner = teardowns.get(task.ordinal);
      if (inner !== undefined) teardown.after.add(inner.ordinal);
    }
  }
  for (const teardown of teardowns.values()) {
    if (teardown.after.size === 0) throw unused(draft, teardown);
    draft.tasks[teardown.ordinal] = told(teardown, workflow);
  }
}

const setupOf = ({ input }: TaskDraft): number => (input === null ? -1 : (outputs(input)[0] ?? -1));

/** A run that leaves something behind does not fail by that: who wants to hear of its failures hears of this, unless somebody else does. */
function told(teardown: TaskDraft, { alerts, receivers }: WorkflowAlerts): TaskDraft {
  if (teardown.receivers?.failed !== undefined || receivers?.failed === undefined) return teardown;
  return {
    ...teardown,
    options: { ...teardown.options, alerts: { ...teardown.options.alerts, failed: alerts?.failed ?? [] } },
    receivers: { ...teardown.receivers, failed: receivers.failed },
  };
}

/** What is set up anew for a retry may be another list, and elements of the one before have ended. */
function refuseLists(draft: Draft, task: TaskDraft, teardowns: ReadonlyMap<number, TaskDraft>): void {
  const each = draft.groups[draft.eachAround(task.group) ?? -1]?.each ?? null;
  const lists = [...(task.map?.lists.map(({ list }) => list) ?? []), ...(each === null ? [] : [each])];
  const teardown = lists
    .flatMap(outputs)
    .map((from) => teardowns.get(from))
    .find((found) => found !== undefined);
  if (teardown === undefined) return;
  throw refusalAt(
    task.site,
    "MAP_SOURCE_UNSUPPORTED",
    `Task "${task.alias ?? task.base}" in workflow "${draft.workflow}" maps over a list of resource "${resourceOf(teardown)}", which may be another one when it is set up anew. Return the list from a task that gets the resource, and map over that.`,
  );
}

const resourceOf = ({ alias, base }: TaskDraft): string => (alias ?? base).replace(/\.teardown$/, "");

const unused = (draft: Draft, teardown: TaskDraft): Error =>
  refusalAt(
    teardown.site,
    "UNUSED_RESOURCE",
    `Resource "${resourceOf(teardown)}" in workflow "${draft.workflow}" is used by no task. Pass its value to those that need it, or place them .after(…) it.`,
  );
