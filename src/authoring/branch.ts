import type { Context } from "./context.ts";
import { registerDefinition, type TaskDefinition } from "./definition.ts";
import { currentDraft, type Draft, type TaskDraft } from "./draft.ts";
import { checkName } from "./names.ts";
import { taskPlacing } from "./node.ts";
import { order, type Placed, placedMethods, registerPlaced, tasksIn } from "./placed.ts";
import type { Args } from "./ref.ts";
import { refusal } from "./refusal.ts";
import { sourceOf } from "./source.ts";

/** What a branch decides: one arm, several, or none. */
export type OneOf<K> = K | readonly K[] | null;

/** A placed branch, to be given its arms. */
export interface BranchNode<K extends string> extends Placed {
  /**
   * Says what each key leads to: a task, a list, a group. The keys are exactly those that the branch can return; `[]` is an arm without tasks.
   * Arms that are not chosen are skipped whatever their trigger rule; `firstOf` is where they meet again.
   *
   * @throws TuttiError `BRANCH_ARMS` when called twice or without arms; `BRANCH_ACROSS_GROUP` for an arm outside the branch's `group.each`.
   */
  to<C extends { readonly [P in K]: Placed | readonly Placed[] }>(
    arms: C & { readonly [P in Exclude<keyof C, K>]: never },
  ): void;
}

/**
 * Defines a task that decides which way a run goes: `choose` returns one key, several, or `null` for none, as literals.
 *
 * @throws TuttiError `BAD_NAME`, `BAD_BODY`; `BRANCH_WITHOUT_ARMS` when the graph is built and `.to` was never called.
 * @example
 * const size = branch("size", async ({ rows }: { rows: number }) => (rows > 10_000 ? "bulk" : "trickle"));
 * // in a body: size({ rows }).to({ bulk: loadBulk(), trickle: [stage(), loadRows()] });
 */
export function branch<K extends string, In = void>(
  name: string,
  choose: (input: In, ctx: Context) => string extends K ? never : OneOf<K> | Promise<OneOf<K>>,
): (...input: [In] extends [void] ? [] : [input: Args<In>]) => BranchNode<K> {
  checkName(name, "a branch");
  if (typeof choose !== "function")
    throw refusal(
      "BAD_BODY",
      `Branch "${name}" has no function. Write branch("${name}", async (input, ctx) => "key").`,
    );
  const definition: TaskDefinition = { kind: "branch", name, alias: null, options: {}, fn: choose, origin: {} };
  const place = (input?: unknown) => placeBranch(definition, input);
  Object.defineProperty(place, "name", { value: name });
  return registerDefinition(place, definition) as never;
}

function placeBranch(definition: TaskDefinition, input: unknown): object {
  const draft = currentDraft(`Branch "${definition.name}"`);
  const source =
    input === undefined
      ? null
      : sourceOf(input, { draft, group: draft.group, what: `the input of branch "${definition.name}"`, path: [] });
  const task = draft.place(definition);
  task.input = source;
  const placing = taskPlacing(draft, task);
  const node: object = { ...placedMethods(placing, () => node), to: (arms: unknown) => setArms(draft, task, arms) };
  return Object.freeze(registerPlaced(node, placing));
}

function setArms(draft: Draft, branch: TaskDraft, given: unknown): void {
  const what = `Branch "${branch.alias ?? branch.base}" in workflow "${draft.workflow}"`;
  draft.checkOpen(`branch "${branch.base}".to(…)`);
  if (branch.arms !== null)
    throw refusal("BRANCH_ARMS", `${what} was given its arms twice. Call .to({ … }) once, with all of them.`);
  if (typeof given !== "object" || given === null || Object.keys(given).length === 0)
    throw refusal(
      "BRANCH_ARMS",
      `${what} needs an arm for each key it can return: .to({ key: task, other: [task, task] }).`,
    );
  const arms = Object.entries(given).map(
    ([key, arm]) => [key, tasksIn(draft, `arm "${key}" of branch "${branch.base}"`, [arm])] as const,
  );
  for (const [key, tasks] of arms) {
    refuseAcross(draft, branch, key, tasks, what);
    order([branch], tasks);
  }
  branch.arms = Object.fromEntries(arms.map(([key, tasks]) => [key, tasks.map((task) => task.ordinal)]));
}

/** Each element of a group decides for itself, so it can't decide for what all elements share. */
function refuseAcross(draft: Draft, branch: TaskDraft, key: string, tasks: readonly TaskDraft[], what: string): void {
  const each = draft.eachAround(branch.group);
  const outside = each === null ? undefined : tasks.find((task) => draft.eachAround(task.group) !== each);
  if (outside === undefined) return;
  throw refusal(
    "BRANCH_ACROSS_GROUP",
    `${what} stands in group.each "${draft.groups[each ?? 0]?.base}", but its arm "${key}" has task "${outside.alias ?? outside.base}" outside of it. Place the arm inside the group's body.`,
  );
}
