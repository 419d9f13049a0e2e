import type { Context } from "../authoring/context.ts";
import { definitionOf } from "../authoring/definition.ts";
import { grantConnections } from "../runtime/connections.ts";
import { AttemptContext } from "../runtime/context.ts";
import { fakeAttempt, type FakeAttemptOptions, type TestLog } from "./fake-attempt.ts";

export interface FakeContext extends Context {
  /** What was said through `ctx.log`, in order. */
  readonly logs: readonly TestLog[];
}

/** Fields of the context that a test sets itself, and what the rest is made from. */
export type FakeContextOverrides = Partial<
  Omit<
    Context,
    "params" | "date" | "interval" | "partition" | "attempt" | "mapIndex" | "idempotencyKey" | "state" | "memory"
  >
> &
  Omit<FakeAttemptOptions, "connections">;

const FROM_ATTEMPT: ReadonlySet<string> = new Set([
  "params",
  "date",
  "interval",
  "partition",
  "attempt",
  "mapIndex",
  "idempotencyKey",
  "state",
  "memory",
]);

/**
 * A context for calling a task's function plainly. Its log is in `logs`, its drawers are in memory, its artifacts in a temporary folder.
 *
 * @example
 * const extract = task("extract", ({ region }: { region: string }, ctx) => `${region} on ${ctx.date}`);
 * expect(extract.fn({ region: "emea" }, fakeContext({ date: "2025-08-12" }))).toBe("emea on 2025-08-12");
 */
export function fakeContext(overrides: FakeContextOverrides = {}): FakeContext {
  grantConnections();
  const { attempt, logs } = fakeAttempt(null, overrides);
  const context = new AttemptContext(attempt);
  // A body of a flow that is called plainly calls its tasks plainly.
  const run = async (task: unknown, input: unknown) =>
    definitionOf(task)!.fn(input as never, fakeContext(overrides) as never);
  Object.defineProperty(context, "run", { value: run, configurable: true });
  const own = Object.entries(overrides).filter(([key]) => !FROM_ATTEMPT.has(key));
  for (const [key, value] of [["logs", logs] as const, ...own])
    Object.defineProperty(context, key, { value, configurable: true });
  return context as unknown as FakeContext;
}
