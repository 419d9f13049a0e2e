import type { Instant } from "../core/clock.ts";
import type { TaskManifest, WorkflowManifest } from "../core/manifest.ts";
import type { Wait } from "../core/wait.ts";
import type { NewAttempt, NewRun, NewTaskRun, NewVersion, RunGroup, TaskRunChange } from "../store/store.ts";

/** 2025-08-12T00:00Z. */
export const T0: Instant = 1_754_956_800_000_000;

/** A version whose hash stands for its name, its tasks and `edition`. */
export function sampleVersion(
  name: string,
  tasks: readonly string[],
  edition = "1",
  more: Partial<NewVersion> = {},
): NewVersion {
  const hash = `${name}/${tasks.join(",")}/${edition}`;
  return {
    hash,
    manifest: sampleManifest(name, tasks),
    bundle: { hash: `bundle of ${hash}`, code: "export default 1", map: null },
    file: `pipelines/${name}.ts`,
    outside: { tutti: "0.1.0" },
    createdAt: T0,
    ...more,
  };
}

function sampleManifest(name: string, tasks: readonly string[]): WorkflowManifest {
  return {
    name,
    kind: "dag",
    description: null,
    tags: [],
    schedules: [],
    start: null,
    end: null,
    params: null,
    tasks: tasks.map(plainTask),
    groups: [],
    picks: 0,
    connections: [],
  };
}

/** 26 characters that sort by number, as run ids sort by time. */
export const sampleRunId = (number: number): string => `01k2${String(number).padStart(22, "0")}`;

export const sampleRun = (id: string, versionId: number, more: Partial<NewRun> = {}): NewRun => ({
  id,
  versionId,
  state: "running",
  generation: 1,
  trigger: "manual",
  intervalStart: T0,
  intervalEnd: T0 + 86_400_000_000,
  date: "2025-08-12",
  timezone: "UTC",
  paramsInput: null,
  params: null,
  paramsLists: null,
  createdAt: T0,
  ...more,
});

export const sampleGroup = (runId: string, revision: number, more: Partial<RunGroup> = {}): RunGroup => ({
  runId,
  revision,
  create: null,
  run: null,
  inserts: [],
  changes: [],
  attempts: [],
  drawers: [],
  ...more,
});

export const queued = (taskId: number, more: Partial<NewTaskRun> = {}): NewTaskRun => ({
  taskId,
  mapIndex: null,
  state: "queued",
  claim: 0,
  attempt: 1,
  generation: 1,
  worker: null,
  queuedAt: T0,
  claimedAt: null,
  endedAt: null,
  error: null,
  skipReason: null,
  ...more,
});

/** Claimed in the commit that queues it. */
export const running = (taskId: number, more: Partial<NewTaskRun> = {}): NewTaskRun =>
  queued(taskId, { state: "running", claim: 1, worker: "w1", claimedAt: T0, ...more });

export type Finish = Extract<TaskRunChange, { kind: "finish" }>;

export const finished = (id: number, claim: number, more: Partial<Finish> = {}): Finish => ({
  id,
  claim,
  kind: "finish",
  state: "succeeded",
  startedAt: T0 + 1,
  endedAt: T0 + 2,
  output: { kind: "inline", text: "[1]" },
  lists: null,
  arms: null,
  error: null,
  skipReason: null,
  losses: 0,
  ...more,
});

export const sampleWait = (more: Partial<Wait> = {}): Wait => ({
  kind: "sleep",
  dueAt: T0 + 60_000_000,
  startedAt: T0 + 1,
  firstClaim: 1,
  ranMs: 12.5,
  ...more,
});

export const sampleAttempt = (
  taskRun: NewAttempt["taskRun"],
  versionId: number,
  more: Partial<NewAttempt> = {},
): NewAttempt => ({
  taskRun,
  generation: 1,
  attempt: 1,
  claim: 1,
  worker: "w1",
  versionId,
  waitedFor: null,
  queuedAt: T0,
  claimedAt: T0,
  startedAt: T0 + 1,
  endedAt: T0 + 2,
  outcome: "succeeded",
  error: null,
  ...more,
});

/** A task with nothing set. */
export const plainTask = (name: string): TaskManifest => ({
  name,
  kind: "task",
  description: null,
  tags: [],
  input: null,
  map: null,
  group: null,
  after: [],
  rule: "all_success",
  arms: null,
  retries: null,
  timeoutMs: null,
  isolation: "shared",
  onWorkerLost: "rerun",
  allowFailure: false,
  mapLimit: 1_000_000,
  connections: null,
});
