import type { TaskOptions } from "./task-options.ts";

/** A task or branch as the user defined it, before it is placed anywhere. */
export interface TaskDefinition {
  readonly kind: "task" | "branch";
  readonly name: string;
  /** Given with `.as()`; `null`: named after the task. */
  readonly alias: string | null;
  readonly options: TaskOptions;
  readonly fn: (input: never, ctx: never) => unknown;
  /** The same object for a task and everything that `.with` and `.as` made of it. */
  readonly origin: object;
}

const DEFINITIONS = new WeakMap<object, TaskDefinition>();

export function registerDefinition<T extends object>(callable: T, definition: TaskDefinition): T {
  DEFINITIONS.set(callable, definition);
  return callable;
}

/** What a task or branch function was defined as; `undefined` for anything else. */
export const definitionOf = (value: unknown): TaskDefinition | undefined =>
  typeof value === "function" ? DEFINITIONS.get(value) : undefined;
