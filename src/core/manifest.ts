import type { AlertPlan, DeadlineManifest } from "./alert-plan.ts";
import type { ConcurrencyManifest, RateManifest } from "./limit.ts";
import type { AssetManifest, CheckManifest } from "./asset-manifest.ts";
import type { RetryPolicy } from "./retry-policy.ts";
import type { ScheduleManifest } from "./schedule.ts";
import type { TriggerManifest } from "./trigger.ts";
import type { TriggerRule } from "./trigger-rule.ts";

/** What becomes of a window that is due while as many runs are at work as may be. */
export const OVERLAPS = ["queue", "skip", "cancel_running"] as const;
export type Overlap = (typeof OVERLAPS)[number];

/** A workflow as data: JSON, extracted once from the user's file. Tasks, groups and picks are named by their place in their list. */
export interface WorkflowManifest {
  readonly name: string;
  /** `flow`: its first task is its body, which runs the others when it asks for them. */
  readonly kind: "dag" | "flow";
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly schedules: readonly ScheduleManifest[];
  /** What starts it besides its schedules. Absent: nothing. */
  readonly triggers?: readonly TriggerManifest[];
  /** As the user wrote them; a bare date is local midnight of the schedule's zone. */
  readonly start: string | null;
  readonly end: string | null;
  /** Absent: false. */
  readonly catchup?: true;
  /** Runs of windows at work at once. Absent: any number. */
  readonly maxActiveRuns?: number;
  /** Absent: `queue`. */
  readonly overlap?: Overlap;
  /** How many task runs of one run may run at once. Absent: any number. */
  readonly maxActiveTasks?: number;
  /** From the start of a run, after which it fails. Absent: none. */
  readonly timeoutMs?: number;
  /** A run stops with its first failure. Absent: it does not. */
  readonly failFast?: true;
  /** After so many failed runs in a row its schedules start nothing more. Absent: never. */
  readonly pauseAfterFailures?: number;
  /** Whom to tell of what, and when a run is late. Absent: nobody. */
  readonly alerts?: AlertPlan;
  readonly deadline?: DeadlineManifest;
  /** Whether it is told that a run is slower than its history, where somebody is told that it is late. Absent: it is. */
  readonly slowAlerts?: false;
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
  /**
   * `setup`: those that read its value, or come after it, use what it sets up. `teardown`: takes that down; its input is the value of the setup,
   * where that has one, and it comes after everything that uses it.
   */
  readonly kind: "task" | "branch" | "setup" | "teardown";
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
  /** As long as what it returned stands for running it again, with the same input and code. Absent: it always runs. */
  readonly cacheForMs?: number;
  /** Which workers may run it: those that claim from this queue. `null`: the default one. Absent from manifests of older releases. */
  readonly queue?: string | null;
  /** The run of a window waits for this task in the run of the window before. Absent: it does not. */
  readonly dependsOnPast?: true;
  /** The pool it takes `slots` of while it runs. Absent: none. */
  readonly pool?: string;
  /** Absent: 1. */
  readonly slots?: number;
  /** Absent: 0. */
  readonly priority?: number;
  /** How many of its task runs may run at once, and start within a time. Absent: any number. */
  readonly concurrency?: ConcurrencyManifest;
  readonly rateLimit?: RateManifest;
  /** Whom to tell of what, and when it is late. Absent: nobody. */
  readonly alerts?: AlertPlan;
  readonly deadline?: DeadlineManifest;
  /** Of a sensor: how it looks. Absent: no sensor. */
  readonly sensor?: SensorManifest;
  /** Of a flow: it runs when the body asks for it, as often as that does. Absent: it stands in the graph. */
  readonly dynamic?: true;
  /** Names of the assets that it makes, and of those that it reads. Absent: none. */
  readonly produces?: readonly string[];
  readonly consumes?: readonly string[];
  /** Of these assets, what is said beside their names. Absent: nothing of any. */
  readonly assets?: readonly AssetManifest[];
  /** What is looked at in what it makes. Absent: nothing. */
  readonly checks?: readonly CheckManifest[];
  /** The connections it may use; `null`: all that the workflow declares. */
  readonly connections: readonly string[] | null;
  /** The secrets it may ask for. Absent: none. */
  readonly secrets?: readonly string[];
}

/** The tasks that every run has: what the body of a flow may ask for is not among them. */
export const standingTasks = ({ tasks }: Pick<WorkflowManifest, "tasks">): readonly TaskManifest[] =>
  tasks.filter(({ dynamic }) => dynamic !== true);

/** A task whose body is asked again and again, until it returns something. */
export interface SensorManifest {
  readonly everyMs: number;
  readonly backoff: "fixed" | "exponential";
  readonly maxEveryMs: number;
  /** From its first check on. */
  readonly timeoutMs: number;
  readonly onTimeout: "fail" | "skip";
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
  /** What the body of a flow gave it. */
  | { readonly kind: "given" }
  | { readonly kind: "pick"; readonly of: Source; readonly fn: number }
  | { readonly kind: "object"; readonly fields: { readonly [key: string]: Source } }
  | { readonly kind: "list"; readonly items: readonly Source[] };
