import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../authoring/build.ts";
import type { BuiltWorkflow } from "../authoring/built.ts";
import type { Workflow } from "../authoring/workflow.ts";
import { manifestHash } from "../authoring/manifest-hash.ts";
import { askedPartition } from "../core/asked-partition.ts";
import type { ErrorData } from "../core/errors.ts";
import { TuttiError } from "../core/errors.ts";
import type { WorkflowManifest } from "../core/manifest.ts";
import type { RunState } from "../core/run-state.ts";
import type { TaskRunState } from "../core/task-run-state.ts";
import { dayWindow, lastClosedWindow, momentWindow, type Window, windowOfDate } from "../core/window.ts";
import { Engine } from "../engine/engine.ts";
import type { LogLine } from "../runtime/protocol.ts";
import { decodeStored, readStoredFrame } from "../runtime/stored-value.ts";
import { openSqliteStore } from "../store/sqlite/open-sqlite-store.ts";
import type { TaskRunDetail } from "../store/reader.ts";
import type { Store, VersionRecord } from "../store/store.ts";
import { type FakeClock, fakeClock } from "./fake-clock.ts";
import { InlineHost } from "./inline-host.ts";

export interface RunWorkflowOptions<Params> {
  /** The window that contains this date. Default: the last closed window before `clock`; without a schedule, a moment. */
  readonly date?: string;
  /** Instead of a date: the key of the partition that it makes, as `tutti run --partition` takes it. Default: none. */
  readonly partition?: string;
  /** What the run is started with, as a user passes it. */
  readonly params?: Params;
  /** By name: a fake with the methods that the tasks use, or a URL. Default: none. */
  readonly connections?: Readonly<Record<string, unknown>>;
  /** What `ctx.secret` gives, by name. Default: none. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Other workflows, which its tasks run with `ctx.runWorkflow`. Default: none. */
  readonly workflows?: readonly Workflow[];
  /** A clock to turn by hand. Default: one that jumps to what is due next whenever nothing runs, so that no retry takes real time. */
  readonly clock?: FakeClock;
  /** Tasks at once. Default: 16. */
  readonly slots?: number;
  /** Slots by name of pool. Default: as many as anybody wants. */
  readonly pools?: Readonly<Record<string, number>>;
}

export interface TaskRunResult {
  readonly state: TaskRunState;
  readonly mapIndex: number | null;
  /** Executions, over all its attempts. */
  readonly attempts: number;
  /** What it returned, as a receiving task would get it. */
  readonly output?: unknown;
  readonly error?: ErrorData;
  /** The reason, when it was skipped by its own code. */
  readonly skipped?: string;
  /** It took a value of another task run of the same task, by `cacheFor`: its code did not run. */
  readonly cached?: true;
}

export interface WorkflowResult {
  readonly id: string;
  readonly state: RunState;
  /** By task name; of a mapped task that had elements, the list of them. */
  readonly tasks: Readonly<Record<string, TaskRunResult | readonly TaskRunResult[]>>;
  readonly logs: readonly { readonly task: string; readonly level: LogLine["level"]; readonly message: string }[];
}

/**
 * Runs a workflow to its end on the real engine: its graph, its rules, its retries, a store in memory, all in this process.
 *
 * @throws TuttiError when the workflow can't be built, its params are not what it takes, or the date has no window.
 * @example
 * const run = await runWorkflow(retail, { date: "2025-08-12", connections: { orders: fakeOrders } });
 * expect(run.state).toBe("succeeded");
 */
export async function runWorkflow<Params>(
  workflow: Workflow<Params>,
  options: RunWorkflowOptions<Params> = {},
): Promise<WorkflowResult> {
  const built = build(workflow);
  const clock = options.clock ?? fakeClock(new Date());
  const folder = await mkdtemp(join(tmpdir(), "tutti-run-"));
  const store = await openSqliteStore({ path: ":memory:", clock });
  const others = (options.workflows ?? []).map((other) => build(other));
  const host = new InlineHost([built, ...others], {
    artifactsDir: folder,
    clock,
    slots: options.slots ?? 16,
    connections: options.connections ?? {},
    secrets: options.secrets ?? {},
  });
  const lines: LogLine[] = [];
  const engine = new Engine({
    store,
    host,
    clock,
    codeFile: async () => "",
    logs: { write: (line) => void lines.push(line), flush: () => {} },
  });
  try {
    const version = await register(store, built, clock);
    for (const other of others) await register(store, other, clock);
    const tasks = [built, ...others].flatMap(({ manifest }) => manifest.tasks);
    await store.limits.ensure(poolsIn({ tasks }, options.pools ?? {}), clock.now());
    const { date, partition } = options;
    const window =
      partition === undefined
        ? windowFor(built.manifest, date, clock)
        : askedPartition(built.manifest, partition, clock.now());
    const id = await engine.submit({ version, params: options.params, window, trigger: "manual" });
    const ended = engine.ended(id);
    if (!options.clock) void jump(engine, clock, ended);
    await ended;
    await engine.settled();
    const detail = await store.reader().runDetail(id);
    const attempts = await store.reader().attempts(id);
    const names = new Map(detail?.taskRuns.map((taskRun) => [taskRun.id, taskRun.task]));
    const executions = (taskRun: TaskRunDetail) =>
      attempts.filter((attempt) => attempt.taskRunId === taskRun.id && attempt.claim > 0).length;
    const results = await Promise.all(
      (detail?.taskRuns ?? []).map(async (taskRun) => ({
        task: taskRun.task,
        result: await resultOf(taskRun, executions(taskRun), folder),
      })),
    );
    return {
      id,
      state: detail?.run.state ?? "failed",
      tasks: byTask(built.manifest, results),
      logs: lines.map(({ taskRunId, level, message }) => ({ task: names.get(taskRunId) ?? "", level, message })),
    };
  } finally {
    await engine.close(0);
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function register(store: Store, { manifest }: BuiltWorkflow, clock: FakeClock): Promise<VersionRecord> {
  const hash = manifestHash(manifest);
  const bundle = { hash, code: "", map: null };
  return store.registerVersion({ hash, manifest, bundle, file: "test", outside: {}, createdAt: clock.now() });
}

/** Sizes of pools are the configuration's; here none is smaller than what runs at once, unless the test says so. */
const poolsIn = ({ tasks }: Pick<WorkflowManifest, "tasks">, sizes: Readonly<Record<string, number>>) =>
  [...new Set(tasks.flatMap(({ pool }) => pool ?? []))].map((name) => ({ name, slots: sizes[name] ?? 1_000_000 }));

function windowFor({ name, schedules }: WorkflowManifest, date: string | undefined, clock: FakeClock): Window {
  const [schedule] = schedules;
  const window =
    date === undefined
      ? schedule
        ? lastClosedWindow(schedule, clock.now())
        : momentWindow(clock.now())
      : schedule
        ? windowOfDate(schedule, date)
        : dayWindow(date);
  if (!window)
    throw new TuttiError("NO_WINDOW", `The schedule of workflow "${name}" has no window for ${date ?? "the present"}.`);
  return window;
}

/** Whenever nothing runs and something is due later, it is later. */
async function jump(engine: Engine, clock: FakeClock, ended: Promise<unknown>): Promise<void> {
  const over = ended.then(
    () => true,
    () => true,
  );
  for (;;) {
    const turn = new Promise<false>((resolve) => setImmediate(() => resolve(false)));
    if (await Promise.race([over, turn])) return;
    const next = clock.nextDue();
    if (next !== null && engine.idle) clock.turnTo(next);
  }
}

async function resultOf(taskRun: TaskRunDetail, attempts: number, artifactsDir: string): Promise<TaskRunResult> {
  const { state, mapIndex, output, error, skipReason, cached } = taskRun;
  const value =
    output === null
      ? undefined
      : output.kind === "inline"
        ? decodeStored(output.text, artifactsDir)
        : await readStoredFrame(output.uri, [], artifactsDir);
  return {
    state,
    mapIndex,
    attempts,
    ...(state === "succeeded" && { output: value }),
    ...(error && { error }),
    ...(skipReason !== null && { skipped: skipReason }),
    ...(cached && { cached: true }),
  };
}

function byTask(
  manifest: WorkflowManifest,
  results: readonly { task: string; result: TaskRunResult }[],
): WorkflowResult["tasks"] {
  return Object.fromEntries(
    manifest.tasks.map(({ name, dynamic }) => {
      const found = results
        .filter(({ task, result }) => task === name && result.state !== "removed")
        .map(({ result }) => result);
      const [first] = found;
      if (!first && dynamic) return [name, []];
      if (!first) return [name, { state: "waiting", mapIndex: null, attempts: 0 }];
      return [name, first.mapIndex === null ? first : found.toSorted((a, b) => (a.mapIndex ?? 0) - (b.mapIndex ?? 0))];
    }),
  );
}
