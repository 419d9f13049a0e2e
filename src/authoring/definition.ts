import type { TaskManifest } from "../core/manifest.ts";
import type { ReadOptions, TaskOptions } from "./task-options.ts";

/** A task, a branch or one part of a resource as the user defined it, before it is placed anywhere. */
export interface TaskDefinition {
  readonly kind: TaskManifest["kind"];
  readonly name: string;
  /** Given with `.as()`; `null`: named after the task. */
  readonly alias: string | null;
  readonly options: TaskOptions;
  /** Of a sensor or a resource, which take others. Default: as of any task. */
  readonly readOptions?: ReadOptions;
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
