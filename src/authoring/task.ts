import { declareTask } from "./connection.ts";
import type { Context } from "./context.ts";
import { registerDefinition, type TaskDefinition } from "./definition.ts";
import { currentDraft, isDrafting } from "./draft.ts";
import { type Mapped, placeMapped } from "./map.ts";
import { checkName } from "./names.ts";
import { makeNode, type Node } from "./node.ts";
import type { Args } from "./ref.ts";
import { refusal } from "./refusal.ts";
import { sourceOf } from "./source.ts";
import type { TaskOptions } from "./task-options.ts";

type IsAny<T> = 0 extends 1 & T ? true : false;

/** How a task is called in a body: without an input, with one, or with one that may be left out. */
export type Call<In, R> =
  IsAny<In> extends true
    ? (input: any) => Node<R>
    : [In] extends [void]
      ? () => Node<R>
      : {} extends In
        ? (input?: Args<In>) => Node<R>
        : (input: Args<In>) => Node<R>;

/** A task as it was defined: called in a `dag` body, it is placed there. */
export type Task<In, R> = Call<In, R> &
  Mapped<In, R> & {
    /** Its code, to be called plainly, e.g. in a test: `await extract.fn({ region: "emea" }, ctx)`. */
    readonly fn: (input: In, ctx: Context) => R | Promise<R>;
    /** The same task with other options; those not given stay as they were. */
    with(options: TaskOptions): Task<In, R>;
    /** The same task, placed under another name. */
    as(name: string): Task<In, R>;
  };

/**
 * Defines a task: a function of one named input and a context. Calling it inside a `dag` body places it in that graph and gives
 * a node, which is a ref to its output; passing a ref as an input makes the dependency.
 *
 * `name` is unique per workflow: letters, digits, `_`, `-` and `.`, at most 200. A second placing of the same task is `name_2`.
 *
 * @throws TuttiError `BAD_NAME`, `BAD_BODY`. Where it is placed: `TASK_OUTSIDE_BODY`, `UNKNOWN_OPTION`, `BAD_OPTION`, `BAD_DURATION`,
 * `VALUE_NOT_SERIALIZABLE`. When the graph is built: `DUPLICATE_TASK`, `CYCLE`.
 * @example
 * const extract = task("extract", { retries: 3, timeout: "15m" }, async ({ region }: { region: string }, ctx) => {
 *   return { rows: [{ region, day: ctx.date }] };
 * });
 */
export function task<R, In = void>(name: string, fn: (input: In, ctx: Context) => R): Task<In, Awaited<R>>;
export function task<R, In = void>(
  name: string,
  options: TaskOptions,
  fn: (input: In, ctx: Context) => R,
): Task<In, Awaited<R>>;
export function task(name: string, ...rest: readonly unknown[]): never {
  const [options, fn] = rest.length > 1 ? rest : [{}, rest[0]];
  checkName(name, "a task");
  if (typeof fn !== "function")
    throw refusal(
      "BAD_BODY",
      `Task "${name}" has no function. Write task("${name}", async (input, ctx) => …), with options, if any, before the function.`,
    );
  return callable({
    kind: "task",
    name,
    alias: null,
    options: options as TaskOptions,
    fn: fn as TaskDefinition["fn"],
    origin: {},
  }) as never;
}

/** What `task` and its kin give: called in a body, it is placed there. */
export function callable(definition: TaskDefinition, isDerived = false): object {
  if (!isDrafting()) declareTask(definition, isDerived);
  const place = (input?: unknown) => placeTask(definition, input);
  const methods = {
    fn: definition.fn,
    map: (each: unknown, shared?: unknown) => placeMapped(definition, each, shared),
    with: (options: TaskOptions) => callable({ ...definition, options: { ...definition.options, ...options } }, true),
    as: (name: string) => callable({ ...definition, alias: checkName(name, `task "${definition.name}"`) }, true),
  };
  Object.defineProperty(place, "name", { value: definition.name });
  return Object.freeze(registerDefinition(Object.assign(place, methods), definition));
}

function placeTask(definition: TaskDefinition, input: unknown): object {
  const name = definition.alias ?? definition.name;
  const draft = currentDraft(`Task "${name}"`);
  const source =
    input === undefined
      ? null
      : sourceOf(input, { draft, group: draft.group, what: `the input of task "${name}"`, path: [] });
  const task = draft.place(definition);
  task.input = source;
  return makeNode(draft, task);
}
