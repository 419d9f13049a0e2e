import { TRIGGER_RULES, type TriggerRule } from "../core/trigger-rule.ts";
import { definitionOf } from "./definition.ts";
import type { Draft, TaskDraft } from "./draft.ts";
import { checkName } from "./names.ts";
import { didYouMean } from "./nearest.ts";
import { refusal } from "./refusal.ts";

declare const PLACED: unique symbol;

/** One task or group placed in a graph. Its methods win over output fields of the same name; `pick` reaches those. */
export interface Placed {
  readonly [PLACED]: true;
  /**
   * Starts only once these have ended, without taking data from them; whether it then runs is for its trigger rule.
   *
   * @example notify().after(loaded, [checked, archived]);
   */
  after(...upstream: readonly (Placed | readonly Placed[])[]): this;
  /** The other way round: these start only once it has ended. */
  before(...downstream: readonly (Placed | readonly Placed[])[]): this;
  /**
   * Its trigger rule: which ends of its upstream let it run. Default: `all_success`.
   *
   * @throws TuttiError `UNKNOWN_TRIGGER_RULE`, which lists the twelve.
   */
  when(rule: TriggerRule): this;
  /**
   * Names it in this workflow. Default: the task's name, with `_2`, `_3` … from its second placing on.
   *
   * @throws TuttiError `BAD_NAME`; `DUPLICATE_TASK` or `DUPLICATE_GROUP` when the graph is built and two have been given one name.
   */
  as(name: string): this;
}

/** What stands behind something placed. */
export interface Placing {
  readonly draft: Draft;
  /** The tasks it stands for; of a group, all of them, also those placed later in its body. */
  tasks(): readonly TaskDraft[];
  /** Those of them whose end what comes after it waits for. Default: all. */
  awaited?(): readonly TaskDraft[];
  rename(name: string): void;
  /** For messages: `task "load"`. */
  readonly what: string;
}

const PLACINGS = new WeakMap<object, Placing>();

export const placingOf = (value: unknown): Placing | undefined =>
  (typeof value === "object" && value !== null) || typeof value === "function" ? PLACINGS.get(value) : undefined;

/** Makes `subject` stand for `placing` wherever something placed is wanted. */
export function registerPlaced<T extends object>(subject: T, placing: Placing): T {
  PLACINGS.set(subject, placing);
  return subject;
}

/** The methods that everything placed has; each gives back `self()`. */
export function placedMethods(
  placing: Placing,
  self: () => unknown,
): Record<"after" | "before" | "when" | "as", (...args: never[]) => unknown> {
  const chained =
    (method: string, change: (...args: never[]) => void) =>
    (...args: never[]) => {
      placing.draft.checkOpen(`${placing.what}.${method}(…)`);
      change(...args);
      return self();
    };
  return {
    after: chained("after", (...upstream: unknown[]) =>
      order(awaitedIn(placing.draft, "after", upstream), placing.tasks()),
    ),
    before: chained("before", (...downstream: unknown[]) =>
      order(awaitedOf(placing), tasksIn(placing.draft, "before", downstream)),
    ),
    when: chained("when", (rule: TriggerRule) => setRule(placing, rule)),
    as: chained("as", (name: string) => placing.rename(checkName(name, placing.what))),
  };
}

/** Every one of `downstream` after every one of `upstream`. */
export function order(upstream: readonly TaskDraft[], downstream: readonly TaskDraft[]): void {
  for (const task of downstream) for (const before of upstream) task.after.add(before.ordinal);
}

/** The tasks that arguments of `before`, `chain` and branch arms stand for. */
export const tasksIn = (draft: Draft, taker: string, given: readonly unknown[]): TaskDraft[] =>
  placingsIn(draft, taker, given).flatMap((placing) => placing.tasks());

/** Those whose end arguments of `after` and `chain` stand for. */
export const awaitedIn = (draft: Draft, taker: string, given: readonly unknown[]): TaskDraft[] =>
  placingsIn(draft, taker, given).flatMap(awaitedOf);

const awaitedOf = (placing: Placing): readonly TaskDraft[] => placing.awaited?.() ?? placing.tasks();

const placingsIn = (draft: Draft, taker: string, given: readonly unknown[]): Placing[] =>
  given.flatMap((one) => (Array.isArray(one) ? placingsIn(draft, taker, one) : placingIn(draft, taker, one)));

function placingIn(draft: Draft, taker: string, given: unknown): Placing {
  const placing = placingOf(given);
  if (placing === undefined) {
    const task = definitionOf(given);
    const got =
      task === undefined
        ? `got ${given === null ? "null" : `a ${typeof given}`}`
        : `the task "${task.name}" was not called: write ${task.name}(…)`;
    throw refusal(
      "NOT_PLACED",
      `"${taker}" in workflow "${draft.workflow}" takes placed tasks, groups, branches, and lists of them; ${got}.`,
    );
  }
  if (placing.draft !== draft)
    throw refusal(
      "FOREIGN_REF",
      `"${taker}" in workflow "${draft.workflow}" got ${placing.what} of workflow "${placing.draft.workflow}". Place the task again in this body.`,
    );
  return placing;
}

function setRule(placing: Placing, rule: TriggerRule): void {
  if (!TRIGGER_RULES.includes(rule)) {
    const known = TRIGGER_RULES.join(", ");
    throw refusal(
      "UNKNOWN_TRIGGER_RULE",
      `${placing.what} in workflow "${placing.draft.workflow}": "${rule}" is no trigger rule.${didYouMean(rule, TRIGGER_RULES)} The rules are: ${known}.`,
    );
  }
  for (const task of placing.tasks()) task.rule = rule;
}
