import { definitionOf } from "../authoring/definition.ts";
import { instantFromDate } from "../core/clock.ts";
import { TuttiError } from "../core/errors.ts";
import type { TaskManifest } from "../core/manifest.ts";
import { keyText } from "../core/partition.ts";
import type { RunPartition } from "../core/workflow-partitions.ts";
import { encodeValue } from "../core/value-codec.ts";
import { Attempt } from "../runtime/attempt.ts";
import { LOG_LIMITS } from "../runtime/attempt-log.ts";
import type { LoadedVersion } from "../runtime/code.ts";
import type { LogLine } from "../runtime/protocol.ts";
import { testFolder } from "./test-folder.ts";

/** What a task under test is told about its run. */
export interface FakeAttemptOptions {
  /** `ctx.date`, and the window: that day in UTC. Default: `2025-01-01`. */
  readonly date?: string;
  /** Default: the day of `date`. */
  readonly interval?: { readonly start: Date; readonly end: Date };
  /** `ctx.partition`: a key, or of several dimensions the part of each. Default: `null`. */
  readonly partition?: string | Readonly<Record<string, string>>;
  /** `ctx.params`. Default: `undefined`. */
  readonly params?: unknown;
  /** What `connection.resolve()` gives, by name: a URL, or a fake. Default: none. */
  readonly connections?: Readonly<Record<string, unknown>>;
  /** What `ctx.secret` gives, by name; what the task does not declare it is not given. Default: none. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Default: 1. */
  readonly attempt?: number;
  /** Default: `null`. */
  readonly mapIndex?: number | null;
  /** Default: `test-key`. */
  readonly idempotencyKey?: string;
  /** What `ctx.state` holds at the start, by key. Default: nothing. */
  readonly state?: Readonly<Record<string, unknown>>;
  /** What `ctx.memory` holds at the start, by key. Default: nothing. */
  readonly memory?: Readonly<Record<string, unknown>>;
}

/** One line that a task logged or printed. */
export type TestLog = Pick<LogLine, "level" | "source" | "message" | "fields">;

export interface FakeAttempt {
  readonly attempt: Attempt;
  readonly logs: TestLog[];
  readonly artifactsDir: string;
}

/** An attempt that no engine knows of: its drawers are in memory, its artifacts in a temporary folder. */
export function fakeAttempt(task: unknown, options: FakeAttemptOptions = {}): FakeAttempt {
  const definition = definitionOf(task);
  const name = definition?.alias ?? definition?.name ?? "test";
  const logs: TestLog[] = [];
  const drawers = {
    state: encoded(options.state),
    memory: encoded(options.memory),
    steps: new Map<string, string>(),
    events: new Map<string, string>(),
    input: new Map<string, string>(),
    ends: new Map<string, string>(),
    runs: new Map<string, string>(),
    cache: new Map<string, string>(),
  };
  const artifactsDir = testFolder();
  const attempt = new Attempt(
    {
      runId: "test",
      version: VERSION,
      params: options.params === undefined ? null : encodeValue(options.params),
      ...windowOf(options),
      trigger: "manual",
      generation: 1,
      backfill: null,
      ...partitionOf(options),
    },
    {
      taskRunId: 1,
      claim: 1,
      runId: "test",
      task: 0,
      mapIndex: options.mapIndex ?? null,
      attempt: options.attempt ?? 1,
      idempotencyKey: options.idempotencyKey ?? "test-key",
      isolation: "shared",
      timeoutMs: null,
      wait: null,
      values: {},
    },
    0,
    {
      now: () => instantFromDate(new Date()),
      // Nobody waits for real: a test of one task is over when its code is.
      at: (_, call) => {
        const soon = setImmediate(call);
        return () => clearImmediate(soon);
      },
      defer: null,
      wake: () => {},
      log: ({ level, source, message, fields }) => void logs.push({ level, source, message, fields }),
      progress: () => {},
      drawer: async (_, drawer, key, value) => {
        if (value === null) drawers[drawer].delete(key);
        else if (value !== undefined) drawers[drawer].set(key, value);
        return drawers[drawer].get(key) ?? null;
      },
      secret: async (_, secret) => options.secrets?.[secret] ?? null,
      shared: () => "",
      artifactsDir,
      logLimits: LOG_LIMITS,
      inlineBytes: Number.POSITIVE_INFINITY,
      maxValueBytes: 64 * 1024 ** 2,
      tracing: false,
    },
  );
  const { connections: granted = null, secrets } = definition?.options ?? {};
  attempt.version = versionOf({ name, connections: granted, ...(secrets && { secrets }) }, options.connections ?? {});
  return { attempt, logs, artifactsDir };
}

const VERSION = { hash: "test", file: "", workflow: "test", manifestHash: "" };
const DAY_MS = 86_400_000;

function windowOf({ date = "2025-01-01", interval }: FakeAttemptOptions) {
  const start = interval?.start ?? new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(start.getTime())) throw new TuttiError("BAD_DATE", `"${date}" is no date. Write it as 2025-08-12.`);
  const end = interval?.end ?? new Date(start.getTime() + DAY_MS);
  return { date, interval: { start: instantFromDate(start), end: instantFromDate(end) } };
}

const partitionOf = ({ partition }: FakeAttemptOptions): { readonly partition?: RunPartition } =>
  partition === undefined
    ? {}
    : { partition: { key: keyText(partition), dimensions: typeof partition === "string" ? {} : { ...partition } } };

/** As much of a loaded workflow as a task can ask for. */
function versionOf(
  task: Pick<TaskManifest, "name" | "connections" | "secrets">,
  connections: Readonly<Record<string, unknown>>,
): LoadedVersion {
  const declared = [...new Set([...Object.keys(connections), ...(task.connections ?? [])])];
  const manifest = { name: "test", connections: declared, tasks: [task] };
  return {
    info: VERSION,
    built: { manifest, bodies: [], picks: [], params: null },
    graph: { tasks: [] },
    connections,
  } as unknown as LoadedVersion;
}

const encoded = (values: Readonly<Record<string, unknown>> = {}): Map<string, string> =>
  new Map(Object.entries(values).map(([key, value]) => [key, encodeValue(value)]));
