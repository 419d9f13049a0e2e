import { TuttiError } from "../core/errors.ts";
import type { DeclaredCheck } from "./check.ts";
import type { TaskDefinition } from "./definition.ts";

/** A handle that a connector makes at module level: it declares the connection now, and opens it when a task first uses it. */
export interface Connection {
  readonly name: string;
  /**
   * What the configuration says about it, for the task that asks.
   *
   * @throws TuttiError `CONNECTION_UNAVAILABLE` outside a worker or a test that gives connections.
   */
  resolve(): unknown;
  /** Aborts when the task that asks is cancelled, times out, or its worker stops. `null` outside a task. */
  signal(): AbortSignal | null;
}

/** The connections, the checks and the tasks of one file: filled while its module level is evaluated, closed by the first workflow that is built. */
export interface Declarations {
  readonly names: Set<string>;
  readonly checks: DeclaredCheck[];
  /** What the body of a flow may run, in the order in which it was made. */
  readonly tasks: TaskDefinition[];
  closed: boolean;
}

let declarations: Declarations = { names: new Set(), checks: [], tasks: [], closed: false };
let resolver: ((name: string) => unknown) | null = null;
let taskSignal: () => AbortSignal | null = () => null;

/**
 * Declares and names a connection. For connectors: `sql("orders")` and the like call it.
 *
 * @throws TuttiError `BAD_NAME` for an empty name.
 */
export function connection(name: string): Connection {
  if (typeof name !== "string" || name === "")
    throw new TuttiError("BAD_NAME", 'A connection needs a name, such as "orders".');
  openDeclarations().names.add(name);
  return Object.freeze({ name, resolve: () => resolve(name), signal: () => taskSignal() });
}

/** Says that another file is about to be evaluated: what it declares belongs to its own workflows only. Files are evaluated one at a time. */
export function startDeclarations(): void {
  declarations = { names: new Set(), checks: [], tasks: [], closed: false };
}

/** Where something is declared now: a manifest that is already built and hashed must not change, e.g. by a call inside a task. */
export function openDeclarations(): Declarations {
  const { names, checks, tasks, closed } = declarations;
  if (closed) declarations = { names: new Set(names), checks: [...checks], tasks: [...tasks], closed: false };
  return declarations;
}

/** A task made at module level. One that `with` or `as` makes later, as in the body of a flow, is none. */
export function declareTask(definition: TaskDefinition, isDerived: boolean): void {
  if (!declarations.closed || !isDerived) openDeclarations().tasks.push(definition);
}

/** Those of the file that is being, or was last, evaluated. */
export const currentDeclarations = (): Declarations => declarations;

export const declaredConnections = (): string[] => [...declarations.names].sort();

/** For the runtime and for tests: who answers `resolve()`. `null`: nobody. Gives back who answered before. */
export function setConnectionResolver(resolve: ((name: string) => unknown) | null): ((name: string) => unknown) | null {
  const before = resolver;
  resolver = resolve;
  return before;
}

/** For the runtime: whose signal `signal()` gives. */
export function setTaskSignal(signal: () => AbortSignal | null): void {
  taskSignal = signal;
}

function resolve(name: string): unknown {
  if (resolver !== null) return resolver(name);
  throw new TuttiError(
    "CONNECTION_UNAVAILABLE",
    `Connection "${name}" was used where there are no connections. Use it inside a task; in a test, pass it: runTask(task, input, { connections: { ${JSON.stringify(name)}: … } }).`,
  );
}
