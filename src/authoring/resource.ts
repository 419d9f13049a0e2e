import type { Context } from "./context.ts";
import { registerDefinition, type TaskDefinition } from "./definition.ts";
import { currentDraft, type Draft, type TaskDraft } from "./draft.ts";
import { knownOptions } from "./known-options.ts";
import { checkName } from "./names.ts";
import { type Placed, type Placing, placedMethods, registerPlaced } from "./placed.ts";
import { makeRef, type Ref } from "./ref.ts";
import { refusal } from "./refusal.ts";
import { sourceOf } from "./source.ts";
import type { Call } from "./task.ts";
import { type ReadOptions, readTaskOptions, type TaskOptions } from "./task-options.ts";

const SHARED_OPTIONS = [
  "retries",
  "timeout",
  "isolation",
  "onWorkerLost",
  "queue",
  "pool",
  "slots",
  "priority",
  "connections",
  "secrets",
  "onFailure",
  "onRetry",
  "onSuccess",
  "description",
  "tags",
] as const satisfies readonly (keyof TaskOptions)[];

/** What both functions of a resource take, as any task does; `onWorkerLost` is for `setup` alone, a `teardown` always runs again. */
export type ResourceTaskOptions = Pick<
  TaskOptions,
  | "retries"
  | "timeout"
  | "isolation"
  | "onWorkerLost"
  | "queue"
  | "pool"
  | "slots"
  | "priority"
  | "connections"
  | "secrets"
  | "onFailure"
  | "onRetry"
  | "onSuccess"
  | "description"
  | "tags"
>;

/** How something is set up and taken down, given to `resource`. */
export interface ResourceOptions<In, R> extends ResourceTaskOptions {
  /** Makes it; what it returns is given to the tasks that use it, and to `teardown`. */
  readonly setup: (input: In, ctx: Context) => R;
  /** Takes it down. `made` is what `setup` returned; `undefined` where it failed, was cancelled or returned nothing: what it may have begun is to be taken down all the same. */
  readonly teardown: (made: Awaited<R> | undefined, ctx: Context) => unknown;
}

/** A resource as it was defined: called in a `dag` body, it is placed there. */
export type Resource<In, R> = Call<In, R> & {
  /** The code that makes it, to be called plainly, e.g. in a test. */
  readonly setup: (input: In, ctx: Context) => R | Promise<R>;
  /** The code that takes it down. */
  readonly teardown: (made: R | undefined, ctx: Context) => unknown;
  /** The same resource with other options; those not given stay as they were. */
  with(options: ResourceTaskOptions): Resource<In, R>;
  /** The same resource, placed under another name. */
  as(name: string): Resource<In, R>;
};

/**
 * Defines something that a run sets up, some of its tasks use, and that is taken down whatever happens: a cluster, a schema, a copy of a
 * database. Calling it inside a `dag` body places it and gives a node, as a task does. Tasks that read its value, or come after it, use it:
 * they start when it is there, whatever their trigger rule, which does not count it. When the last of them has ended, it is taken down, once;
 * also when they failed, or the run was cancelled, stopped or timed out. The end of the run waits for that, and its state is that of its tasks.
 *
 * In the run it is two tasks, `<name>.setup` and `<name>.teardown`, with attempts, logs and alerts like any other.
 *
 * @throws TuttiError `BAD_NAME`, `BAD_BODY`. Where it is placed: as `task`, and `RESOURCE_IN_GROUP`. When the graph is built: `UNUSED_RESOURCE`.
 * @example
 * const scratch = resource("scratch", {
 *   setup: async ({ region }: { region: string }, ctx) => ({ schema: `scratch_${region}_${ctx.runInfo.id}` }),
 *   teardown: async (made, ctx) => ctx.log.info(`dropping ${made?.schema ?? "whatever there is"}`),
 * });
 * // in a body: const { schema } = scratch({ region: "emea" }); load({ schema });
 */
export function resource<R, In = void>(name: string, options: ResourceOptions<In, R>): Resource<In, Awaited<R>> {
  checkName(name, "a resource");
  checkName(nameOf(name, "teardown"), `the teardown of resource "${name.slice(0, 80)}"`);
  const { setup, teardown } = (options as Partial<ResourceOptions<In, R>> | undefined) ?? {};
  if (typeof setup !== "function" || typeof teardown !== "function")
    throw refusal(
      "BAD_BODY",
      `Resource "${name}" needs two functions. Write resource("${name}", { setup: async (input, ctx) => …, teardown: async (made, ctx) => … }).`,
    );
  return callable({ name, alias: null, options: options as AnyOptions, origins: { setup: {}, teardown: {} } }) as never;
}

type AnyOptions = ResourceOptions<never, unknown>;

interface ResourceDefinition {
  readonly name: string;
  readonly alias: string | null;
  readonly options: AnyOptions;
  /** As of any task: the same for everything that `.with` and `.as` made of it. */
  readonly origins: { readonly setup: object; readonly teardown: object };
}

function callable(definition: ResourceDefinition): object {
  const { name, options } = definition;
  const place = (input?: unknown) => placeResource(definition, input);
  const methods = {
    setup: options.setup,
    teardown: options.teardown,
    with: (others: ResourceTaskOptions) => callable({ ...definition, options: { ...options, ...others } }),
    as: (alias: string) => callable({ ...definition, alias: checkName(alias, `resource "${name}"`) }),
  };
  Object.defineProperty(place, "name", { value: name });
  // For messages that name it where it was not called.
  const known = { ...partOf(definition, "setup"), name };
  return Object.freeze(registerDefinition(Object.assign(place, methods), known));
}

function placeResource(definition: ResourceDefinition, input: unknown): Placed & Ref<unknown> {
  const { name, alias } = definition;
  const draft = currentDraft(`Resource "${alias ?? name}"`);
  refuseGroup(draft, alias ?? name);
  const what = `the input of resource "${alias ?? name}"`;
  const source = input === undefined ? null : sourceOf(input, { draft, group: draft.group, what, path: [] });
  const up = draft.place(partOf(definition, "setup"));
  up.input = source;
  const down = draft.place(partOf(definition, "teardown"));
  down.input = { kind: "maybe", of: { kind: "output", task: up.ordinal, path: [] } };
  down.rule = "all_done";
  return node(draft, up, down, alias ?? name);
}

/** One of the two tasks that it is in a graph. */
function partOf(definition: ResourceDefinition, part: "setup" | "teardown"): TaskDefinition {
  const { name, alias, options, origins } = definition;
  const { setup, teardown, ...shared } = options;
  return {
    kind: part,
    name: nameOf(name, part),
    alias: alias === null ? null : nameOf(alias, part),
    options: part === "setup" ? shared : { ...shared, onWorkerLost: "rerun" },
    readOptions,
    fn: part === "setup" ? setup : teardown,
    origin: origins[part],
  };
}

const nameOf = (name: string, part: "setup" | "teardown"): string => `${name}.${part}`;

const readOptions: ReadOptions = (given, what) => readTaskOptions(knownOptions(given, SHARED_OPTIONS, what), what);

function node(draft: Draft, up: TaskDraft, down: TaskDraft, named: string): Placed & Ref<unknown> {
  let root = named;
  const placing: Placing = {
    draft,
    tasks: () => [up],
    rename: (name) => {
      root = name;
      up.alias = nameOf(name, "setup");
      down.alias = nameOf(name, "teardown");
    },
    get what() {
      return `resource "${root}"`;
    },
  };
  const made = makeRef(
    { draft, source: { kind: "output", task: up.ordinal, path: [] }, root, path: [], list: false, within: null },
    placedMethods(placing, () => made),
  );
  return registerPlaced(made, placing) as Placed & Ref<unknown>;
}

/** What runs again as one, or once per element, would set up what nobody has taken down yet. */
function refuseGroup(draft: Draft, name: string): void {
  const around = draft.around(draft.group).map((group) => draft.groups[group]);
  const group = around.find((one) => one && (one.each !== null || one.retries !== null));
  if (!group) return;
  throw refusal(
    "RESOURCE_IN_GROUP",
    `Resource "${name}" in workflow "${draft.workflow}" stands inside ${group.each === null ? "a group with retries" : "a group.each"}, "${group.alias ?? group.base}". Place it before the group, and use it inside.`,
  );
}
