import { availableParallelism } from "node:os";
import type { Clock } from "../../core/clock.ts";
import { systemClock } from "../../core/clock.ts";
import type { ErrorData, TuttiError } from "../../core/errors.ts";

/** What code in a child needs. */
export interface ValueAsk {
  readonly kind: "connection" | "secret";
  readonly names: readonly string[];
  /** Whose code it is; `null`: the configuration's. */
  readonly workflow: string | null;
  /** The claim that it is for; `null`: none, as of an alert. */
  readonly task: { readonly taskRunId: number; readonly claim: number } | null;
}

export interface ValueAnswer {
  /** By name; what there is not is left out. */
  readonly values: Readonly<Record<string, string>>;
  /** By name, why something that there is can't be had. */
  readonly problems: Readonly<Record<string, ErrorData>>;
}

export interface ChildHostOptions {
  /** The worker's name in claims, logs and attempts. */
  readonly name: string;
  /** Where tasks run, and where packages outside a bundle are looked for. */
  readonly projectDir: string;
  /** The folder of the local artifact store. */
  readonly artifactsDir: string;
  /** Warm processes for tasks that share one. Default: one per core. */
  readonly children?: number;
  /** Tasks at once in each of them. Default: 16. */
  readonly tasksPerChild?: number;
  /** Tasks at once in all of them, when that is less. Default: as many as fit. */
  readonly slots?: number;
  /** Processes at once for tasks with `isolation: "process"`. Default: twice `children`. */
  readonly maxApart?: number;
  /** Versions of code that one process holds before it is replaced. Default: 20. */
  readonly childVersions?: number;
  /** Tasks that one process runs before it is replaced. Default: 100,000. */
  readonly maxTasksPerChild?: number;
  /** Memory, resident, above which a process is replaced. Default: 1 GiB. */
  readonly maxMemoryBytes?: number;
  /** From the abort of a signal to the kill. Default: 5,000. */
  readonly graceMs?: number;
  /** Silence after which a process counts as blocked. Default: 1,000. */
  readonly blockedMs?: number;
  /** How long a schema may take over params. Default: 10,000. */
  readonly parseLimitMs?: number;
  /** Flags for Node in the children, such as `--max-old-space-size=2048`. Default: none. */
  readonly nodeOptions?: readonly string[];
  /** Environment variables that children get beside the usual ones. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** Connections and secrets for code in the children. It never rejects. Default: there are none. */
  readonly values?: (ask: ValueAsk) => Promise<ValueAnswer>;
  /** Texts that must not leave a child unmasked, beside the passwords in connections. Default: none. */
  readonly secrets?: readonly string[];
  /** Runs are traces that somebody receives: tasks are told of theirs. Default: false. */
  readonly tracing?: boolean;
  /** Of one line's message, and of one attempt's log. Default: 16 KiB, 10 MB. */
  readonly logLineLength?: number;
  readonly logAttemptBytes?: number;
  /** Above this a value moves to the artifact store. Default: 256 KiB. */
  readonly inlineBytes?: number;
  /** Above this a value is refused. Default: 64 MiB. */
  readonly maxValueBytes?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** What went wrong around tasks: a process that does not start. Default: nobody is told. */
  readonly onWarning?: (warning: TuttiError) => void;
  /** What code prints outside of tasks, e.g. at a file's module level. Default: nobody is told. */
  readonly onOutput?: (line: string) => void;
}

export type HostSettings = Required<ChildHostOptions>;

export function hostSettings(options: ChildHostOptions): HostSettings {
  const children = options.children ?? availableParallelism();
  return {
    children,
    tasksPerChild: 16,
    slots: children * (options.tasksPerChild ?? 16),
    maxApart: children * 2,
    childVersions: 20,
    maxTasksPerChild: 100_000,
    maxMemoryBytes: 1024 ** 3,
    graceMs: 5_000,
    blockedMs: 1_000,
    parseLimitMs: 10_000,
    nodeOptions: [],
    env: {},
    values: async () => ({ values: {}, problems: {} }),
    secrets: [],
    tracing: false,
    logLineLength: 16 * 1024,
    logAttemptBytes: 10_000_000,
    inlineBytes: 256 * 1024,
    maxValueBytes: 64 * 1024 ** 2,
    clock: systemClock,
    onWarning: () => {},
    onOutput: () => {},
    ...given(options),
  };
}

/** An option that is there and `undefined` was not given. */
const given = (options: ChildHostOptions): ChildHostOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as unknown as ChildHostOptions;
