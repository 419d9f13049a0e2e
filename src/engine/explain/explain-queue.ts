import type { LimitReason, Reason } from "../../core/explanation.ts";
import { type LimitUse, poolOf, rankOf } from "../../core/limit.ts";
import type { TaskManifest } from "../../core/manifest.ts";
import type { TaskInstance } from "../../core/task-instance.ts";
import type { ProcessRecord } from "../../store/process-list.ts";
import type { TaskRunOutput } from "../../store/store.ts";
import { limitKey } from "../limits/limit-key.ts";
import { usesOf } from "../limits/limit-uses.ts";
import { LiveRun } from "../live-run.ts";
import { liveVersion } from "../live-version.ts";
import { DEFAULT_QUEUE } from "../ready-lines.ts";
import { ValueCache } from "../value-cache.ts";
import type { Explained, ExplainReader } from "./explain-run.ts";

const HOLDERS = 10;
/** Runs that are looked through for those that come before. */
const MOST_RUNS = 200;

/** Why a task run that stands in line has no slot: its limits first, then the workers. */
export async function explainQueue(
  reader: ExplainReader,
  explained: Explained,
  processes: readonly ProcessRecord[],
): Promise<readonly Reason[]> {
  const { run, instance } = explained;
  const manifest = run.version.record.manifest.tasks[explained.task] as TaskManifest;
  const reasons: Reason[] = [];
  for (const { use, key } of usesIn(explained)) {
    const [usage] = await reader.limits.usage([use.name]);
    const { used = 0, max = null, freeInMs = null } = usage ?? {};
    const most = use.max ?? max;
    if (most !== null && used + use.slots <= most) continue;
    const holders = await reader.limits.holders(use.name, HOLDERS);
    reasons.push({
      kind: "limit",
      limit: kindOf(use.name),
      name: poolOf(use.name) ?? (use.name.startsWith("run ") ? run.id : manifest.name),
      key,
      slots: use.slots,
      used,
      max: most,
      holders: holders.map(({ runId, workflow, task, mapIndex, since }) => ({
        runId,
        workflow,
        task,
        mapIndex,
        since,
      })),
      freeInMs: use.perMs === null ? null : freeInMs,
      ahead: key === null ? await aheadOf(reader, run, instance as TaskInstance, use.name) : null,
    });
  }
  return reasons.length > 0 ? reasons : workersFor(manifest.queue ?? DEFAULT_QUEUE, processes);
}

function workersFor(queue: string, processes: readonly ProcessRecord[]): readonly Reason[] {
  const serving = processes.filter(
    ({ alive, roles, queues }) => alive && roles.includes("worker") && (queues.length === 0 || queues.includes(queue)),
  );
  if (serving.length === 0) return [{ kind: "no_worker", queue }];
  return [{ kind: "slots_taken", queue, slots: serving.reduce((sum, { slots }) => sum + slots, 0) }];
}

function usesIn({ run, task, instance, detail }: Explained): readonly { use: LimitUse; key: string | null }[] {
  const { concurrency, rateLimit } = run.version.record.manifest.tasks[task] as TaskManifest;
  const outputs = new Map<number, TaskRunOutput | null>();
  for (const { id, output, lists } of detail.taskRuns) outputs.set(id, output && { value: output, lists });
  const cache = new ValueCache({ readOutputs: async () => new Map() });
  const keyOf = (path: readonly string[] | undefined): string | null => {
    if (path === undefined || !instance) return null;
    try {
      return limitKey(run, instance, path, outputs, cache);
    } catch {
      return null;
    }
  };
  const keys = { concurrency: keyOf(concurrency?.key), rate: keyOf(rateLimit?.key) };
  return usesOf(run, task, keys).map((use) => {
    const kind = kindOf(use.name);
    return { use, key: kind === "concurrency" ? keys.concurrency : kind === "rateLimit" ? keys.rate : null };
  });
}

function kindOf(name: string): LimitReason["limit"] {
  if (poolOf(name) !== null) return "pool";
  if (name.startsWith("run ")) return "maxActiveTasks";
  return name.startsWith("rate ") ? "rateLimit" : "concurrency";
}

/** How many task runs that want the same come before it. */
async function aheadOf(
  reader: ExplainReader,
  asked: LiveRun,
  instance: TaskInstance,
  limit: string,
): Promise<number | null> {
  const runs = await reader.listRuns({ states: ["running", "queued"], limit: MOST_RUNS + 1 });
  if (runs.length > MOST_RUNS) return null;
  const own = rankIn(asked, instance);
  let ahead = 0;
  for (const { id } of runs) {
    const detail = id === asked.id ? null : await reader.runDetail(id, { outputs: false });
    const run =
      id === asked.id ? asked : detail && new LiveRun(liveVersion(detail.version, ""), detail.run, detail.taskRuns);
    for (const queued of run?.version.limited ? run.queued() : []) {
      const wants = usesOf(run as LiveRun, queued.task, { concurrency: null, rate: null });
      if (queued === instance || !wants.some(({ name }) => name === limit)) continue;
      const rank = rankIn(run as LiveRun, queued);
      if (rank < own || (rank === own && id < asked.id)) ahead++;
    }
  }
  return ahead;
}

const rankIn = (run: LiveRun, { task, queuedAt }: TaskInstance): number =>
  rankOf(queuedAt ?? 0, run.version.record.manifest.tasks[task]?.priority ?? 0, run.record.backfill !== null);
