import { TuttiError } from "../core/errors.ts";

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

/** The connections of one file: filled while its module level is evaluated, closed by the first workflow that is built. */
export interface Declarations {
  readonly names: Set<string>;
  closed: boolean;
}

let declarations: Declarations = { names: new Set(), closed: false };
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
  // A manifest that is already built and hashed must not change, e.g. by a call inside a task.
  if (declarations.closed) declarations = { names: new Set(declarations.names), closed: false };
  declarations.names.add(name);
  return Object.freeze({ name, resolve: () => resolve(name), signal: () => taskSignal() });
}

/** Says that another file is about to be evaluated: what it declares belongs to its own workflows only. Files are evaluated one at a time. */
export function startDeclarations(): void {
  declarations = { names: new Set(), closed: false };
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
