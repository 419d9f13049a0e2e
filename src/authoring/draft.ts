import type { GroupManifest, MapManifest, Source, TaskManifest } from "../core/manifest.ts";
import type { TriggerRule } from "../core/trigger-rule.ts";
import type { AlertReceivers } from "./alert-options.ts";
import type { RetryMatcher } from "./built.ts";
import type { TaskDefinition } from "./definition.ts";
import type { Named } from "./names.ts";
import type { RefState } from "./ref.ts";
import { refusal, siteHere } from "./refusal.ts";
import { type ReadTaskOptions, readTaskOptions } from "./task-options.ts";

/** A task while the body of its workflow runs. Other drafts and sources name it by its ordinal, so it may be renamed at any time. */
export interface TaskDraft extends Named {
  readonly ordinal: number;
  readonly kind: TaskManifest["kind"];
  alias: string | null;
  readonly fn: TaskDefinition["fn"];
  readonly options: ReadTaskOptions;
  readonly retryOn: readonly RetryMatcher[];
  readonly receivers: AlertReceivers | null;
  readonly group: number | null;
  input: Source | null;
  map: MapManifest | null;
  rule: TriggerRule;
  readonly after: Set<number>;
  arms: { readonly [key: string]: readonly number[] } | null;
}

export interface GroupDraft extends Named {
  alias: string | null;
  readonly parent: number | null;
  readonly each: Source | null;
  readonly retries: GroupManifest["retries"];
}

/** A graph while the body of its workflow runs. */
export class Draft {
  readonly workflow: string;
  readonly takesParams: boolean;
  readonly tasks: TaskDraft[] = [];
  readonly groups: GroupDraft[] = [];
  readonly picks: ((value: unknown) => unknown)[] = [];
  /** Refs to a property that nothing has been done with yet. */
  readonly unread = new Set<RefState>();
  /** The innermost group whose body runs. */
  group: number | null = null;
  #open = true;

  constructor(workflow: string, takesParams: boolean) {
    this.workflow = workflow;
    this.takesParams = takesParams;
  }

  place(definition: TaskDefinition): TaskDraft {
    const { readOptions = readTaskOptions } = definition;
    const { retryOn, receivers, ...options } = readOptions(
      definition.options,
      `Task "${definition.alias ?? definition.name}" in workflow "${this.workflow}"`,
    );
    const task: TaskDraft = {
      ordinal: this.tasks.length,
      kind: definition.kind,
      base: definition.name,
      alias: definition.alias,
      origin: definition.origin,
      site: siteHere(),
      fn: definition.fn,
      options,
      retryOn,
      receivers,
      group: this.group,
      input: null,
      map: null,
      rule: "all_success",
      after: new Set(),
      arms: null,
    };
    this.tasks.push(task);
    return task;
  }

  /** Runs `body` inside a new group; gives the group's ordinal with what the body returned. */
  inGroup<T>(
    group: Pick<GroupDraft, "base" | "origin" | "each" | "retries">,
    body: (ordinal: number) => T,
  ): { ordinal: number; returned: T } {
    const parent = this.group;
    const ordinal = this.groups.push({ ...group, alias: null, parent, site: siteHere() }) - 1;
    this.group = ordinal;
    try {
      return { ordinal, returned: body(ordinal) };
    } finally {
      this.group = parent;
    }
  }

  pick(read: (value: unknown) => unknown): number {
    return this.picks.push(read) - 1;
  }

  /** The `group.each` around a group, itself included; there is one at most. */
  eachAround(group: number | null): number | null {
    return this.around(group).find((g) => this.groups[g]?.each) ?? null;
  }

  /** A group and those around it, innermost first. */
  around(group: number | null): number[] {
    const found: number[] = [];
    for (let g = group; g !== null; g = this.groups[g]?.parent ?? null) found.push(g);
    return found;
  }

  /** Whether a task has more than one element, seen from outside its `group.each`. */
  isMapped(ordinal: number): boolean {
    const task = this.tasks[ordinal];
    return task !== undefined && (task.map !== null || this.eachAround(task.group) !== null);
  }

  close(): void {
    this.#open = false;
  }

  checkOpen(what: string): void {
    if (!this.#open) throw outsideBody(`${what} of workflow "${this.workflow}"`);
  }
}

let current: Draft | null = null;

/** Runs a workflow's body with `draft` as the graph that tasks are placed in. */
export function drafting<T>(draft: Draft, body: () => T): T {
  const before = current;
  current = draft;
  try {
    return body();
  } finally {
    current = before;
    draft.close();
  }
}

/** Whether the body of a workflow runs now. */
export const isDrafting = (): boolean => current !== null;

/** The graph whose body runs now. */
export function currentDraft(what: string): Draft {
  if (current === null) throw outsideBody(what);
  return current;
}

const outsideBody = (what: string) =>
  refusal(
    "TASK_OUTSIDE_BODY",
    `${what} was called outside a workflow's body. Call it inside the function given to dag(…), before any await; to run a task's code plainly, as in a test, call task.fn(input, ctx).`,
  );
