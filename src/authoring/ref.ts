import { inspect } from "node:util";
import type { Path, Source } from "../core/manifest.ts";
import { formatPath } from "../core/value-codec.ts";
import type { ArtifactRef } from "./artifact.ts";
import type { Draft } from "./draft.ts";
import { refusal } from "./refusal.ts";
import { sourceAt } from "./source-path.ts";

declare const VALUE: unique symbol;
declare const ELEMENT: unique symbol;

/** Values that are read whole: a ref to one has no properties. */
export type Opaque =
  | string
  | number
  | boolean
  | bigint
  | symbol
  | null
  | undefined
  | Date
  | Map<any, any>
  | Set<any>
  | URL
  | ArrayBufferView
  | ArtifactRef
  | ((...args: any[]) => any);

/**
 * A value that will exist when the run gets there. Reading a property gives a ref to that property; `pick` reads what a path can't.
 * It is not the value: in a template string, an operator, a loop, a spread, JSON or `await` it throws `REF_USED_AS_VALUE`.
 * A ref is always true: decide inside a task, or with `branch`. Building refuses `if (params.dry)` where it can tell.
 */
export type Ref<T> = { readonly [VALUE]: T } & (T extends Opaque | readonly unknown[]
  ? unknown
  : { readonly [K in keyof T]-?: Ref<T[K]> });

/** A ref to the values of a mapped task's elements: those that succeeded, in order. */
export type MappedRef<T> = Ref<T[]> & { readonly [ELEMENT]: T };

/** What may stand where a task wants a `T`: the value, a ref to it, or a structure with refs inside. */
export type Arg<T> = Ref<T> | (T extends Opaque ? T : { readonly [K in keyof T]: Arg<T[K]> });

/** A task's input as it may be passed in a body. */
export type Args<In> = { readonly [K in keyof In]: Arg<In[K]> };

/** What a ref stands for. */
export interface RefState {
  readonly draft: Draft;
  readonly source: Source;
  /** For messages: `extract`, `params`. */
  readonly root: string;
  readonly path: Path;
  /** The values of several elements, so no property can be read of it. */
  readonly list: boolean;
  /** The `group.each` that it has a value in; `null`: anywhere in its workflow. */
  readonly within: number | null;
}

const STATES = new WeakMap<object, RefState>();

/** What `value` stands for, or `undefined` when it is no ref. Never touches its properties. */
export const refState = (value: unknown): RefState | undefined =>
  typeof value === "function" ? STATES.get(value) : undefined;

export function labelOf({ root, path }: Pick<RefState, "root" | "path">): string {
  const inside = formatPath(path);
  return inside === "" || inside.startsWith("[") ? `${root}${inside}` : `${root}.${inside}`;
}

/** A ref for `state`. `methods` win over properties of the value. */
export function makeRef(state: RefState, methods: Readonly<Record<string, unknown>> = {}): object {
  // A function, so that calling it (`rows.map(…)`) can say what is wrong; and so that what prints a proxy's target prints something useful.
  const target = Object.assign(() => undefined, { [inspect.custom]: () => `Ref(${labelOf(state)})` });
  const ref = new Proxy(target, new RefTraps(state, methods));
  STATES.set(ref, state);
  return ref;
}

/** Keys that only code which wants the value itself asks for. */
const ASKED_FOR_BY = new Map<PropertyKey, string>([
  ["then", "awaited or returned from an async function"],
  ["toJSON", "turned into JSON"],
  ["toString", "used as text"],
  ["toLocaleString", "used as text"],
  ["valueOf", "used as its value"],
  [Symbol.iterator, "looped over, spread or destructured as a list"],
  [Symbol.asyncIterator, "looped over"],
]);

const USED_AS: Readonly<Record<string, string>> = {
  string: "used as text, e.g. in a template string",
  number: "used as a number, e.g. in arithmetic or a comparison",
  default: "used with an operator such as + or ==",
};

class RefTraps implements ProxyHandler<object> {
  readonly #state: RefState;
  readonly #methods: Readonly<Record<string, unknown>>;

  constructor(state: RefState, methods: Readonly<Record<string, unknown>>) {
    this.#state = state;
    this.#methods = methods;
  }

  get(_: object, key: PropertyKey): unknown {
    const use = ASKED_FOR_BY.get(key);
    if (use !== undefined) throw this.#used(use);
    if (key === Symbol.toPrimitive) return (hint: string) => this.#fail(USED_AS[hint] ?? "used as a value");
    if (typeof key === "symbol") return undefined;
    if (Object.hasOwn(this.#methods, key)) return this.#methods[String(key)];
    return makeRef(property(this.#state, String(key)));
  }

  apply(): never {
    throw this.#used("called like a function");
  }

  has(_: object, key: PropertyKey): never {
    throw this.#used(`asked whether it has ${JSON.stringify(String(key))}`);
  }

  ownKeys(): never {
    throw this.#used("asked for its keys, e.g. by a spread, Object.keys or for…in");
  }

  getOwnPropertyDescriptor(): never {
    throw this.#used("asked for its properties");
  }

  set(): never {
    throw this.#used("written to");
  }

  defineProperty(): never {
    throw this.#used("written to");
  }

  deleteProperty(): never {
    throw this.#used("written to");
  }

  #fail(use: string): never {
    throw this.#used(use);
  }

  #used(use: string): Error {
    const { draft } = this.#state;
    const label = labelOf(this.#state);
    draft.unread.delete(this.#state);
    return refusal(
      "REF_USED_AS_VALUE",
      `"${label}" in workflow "${draft.workflow}" was ${use}, but it is a ref: its value exists only while the workflow runs. ` +
        `Pass it to a task and use it there; pick(ref, (value) => …) reads or reshapes it, task.map({ … }) runs once for each of its elements, branch(…) decides by it.`,
    );
  }
}

/** The ref to a property. */
function property(state: RefState, key: string): RefState {
  const label = labelOf(state);
  if (state.list) {
    throw refusal(
      "REF_PATH_ON_LIST",
      `"${label}" in workflow "${state.draft.workflow}" is the list of all elements' values, so "${key}" can't be read of it. Read it of each: pick(ref, (values) => values.map((value) => value.${key})).`,
    );
  }
  if (state.source.kind === "param" && !state.draft.takesParams) {
    throw refusal(
      "UNKNOWN_PARAM",
      `Workflow "${state.draft.workflow}" takes no params, so "${label}.${key}" never has a value. Give it a schema: dag(name, { params: z.object({ ${key}: … }) }, …).`,
    );
  }
  const read: RefState = { ...state, path: [...state.path, key], source: sourceAt(state.draft, state.source, key) };
  state.draft.unread.delete(state);
  state.draft.unread.add(read);
  return read;
}
