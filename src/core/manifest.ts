import type { RetryPolicy } from "./retry-policy.ts";
import type { ScheduleManifest } from "./schedule.ts";
import type { TriggerRule } from "./trigger-rule.ts";

/** A workflow as data: JSON, extracted once from the user's file. Tasks, groups and picks are named by their place in their list. */
export interface WorkflowManifest {
  readonly name: string;
  readonly kind: "dag";
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly schedules: readonly ScheduleManifest[];
  /** As the user wrote them; a bare date is local midnight of the schedule's zone. */
  readonly start: string | null;
  readonly end: string | null;
  /** `null`: the workflow takes no params. `schema`: JSON Schema of what the user passes, where the schema library can tell. */
  readonly params: { readonly schema: JsonSchema | null } | null;
  readonly tasks: readonly TaskManifest[];
  readonly groups: readonly GroupManifest[];
  /** How many functions were given to `pick`; `Source.pick.fn` counts them in the order of their calls. */
  readonly picks: number;
  /** Names of the connections that the file's module level declares. */
  readonly connections: readonly string[];
}

export type JsonSchema = { readonly [key: string]: unknown };

export interface TaskManifest {
  /** Unique in the workflow. */
  readonly name: string;
  readonly kind: "task" | "branch";
  readonly description: string | null;
  readonly tags: readonly string[];
  /** What the body gets as its input; for a mapped task, the shared part of it. `null`: called without an input. */
  readonly input: Source | null;
  readonly map: MapManifest | null;
  /** The innermost group it stands in. */
  readonly group: number | null;
  /** Ordering edges: the tasks it comes after, without data. */
  readonly after: readonly number[];
  readonly rule: TriggerRule;
  /** Of a branch: the tasks of each arm, by key. */
  readonly arms: { readonly [key: string]: readonly number[] } | null;
  readonly retries: RetryPolicy | null;
  readonly timeoutMs: number | null;
  readonly isolation: "shared" | "process";
  readonly onWorkerLost: "rerun" | "fail";
  readonly allowFailure: boolean;
  readonly mapLimit: number;
  /** The connections it may use; `null`: all that the workflow declares. */
  readonly connections: readonly string[] | null;
}

/** `product`: every combination, the last list fastest. `zip`: pairs; unequal lengths fail the task. Each list gives one key of the input. */
export interface MapManifest {
  readonly kind: "product" | "zip";
  readonly lists: readonly { readonly key: string; readonly list: Source }[];
}

export interface GroupManifest {
  readonly name: string;
  readonly parent: number | null;
  /** The list of a `group.each`: its tasks run once per element. `null`: a plain group. */
  readonly each: Source | null;
  readonly retries: RetryPolicy | null;
}

export type Path = readonly (string | number)[];

/** Where a part of a task's input comes from. */
export type Source =
  /** A constant, as the value codec encodes it. */
  | { readonly kind: "literal"; readonly value: string }
  | { readonly kind: "param"; readonly path: Path }
  /** A plain ref. For a mapped task read from outside its elements: the list of the succeeded elements' values at `path`. */
  | { readonly kind: "output"; readonly task: number; readonly path: Path }
  /** The element of the `group.each` that the task stands in. */
  | { readonly kind: "element"; readonly group: number; readonly path: Path }
  | { readonly kind: "maybe"; readonly of: Source }
  | { readonly kind: "firstOf"; readonly of: readonly Source[] }
  | { readonly kind: "settled"; readonly task: number }
  | { readonly kind: "pick"; readonly of: Source; readonly fn: number }
  | { readonly kind: "object"; readonly fields: { readonly [key: string]: Source } }
  | { readonly kind: "list"; readonly items: readonly Source[] };
