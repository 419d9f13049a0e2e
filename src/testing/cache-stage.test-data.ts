import { existsSync, utimesSync } from "node:fs";
import { join } from "node:path";
import type { Workflow } from "../authoring/workflow.ts";
import { decodeValue } from "../core/value-codec.ts";
import { artifactStoreAt } from "../engine/artifacts/artifact-store.ts";
import type { RetryRequest, Submission } from "../engine/run-request.ts";
import { pruneBatch } from "../owner/retention.ts";
import { sweepArtifacts } from "../owner/sweep-artifacts.ts";
import type { TaskRunDetail } from "../store/reader.ts";
import { stage } from "./restart-stage.test-data.ts";

export const DAY = 86_400_000_000;

export const output = (row: TaskRunDetail | undefined): unknown =>
  row?.output?.kind === "inline" ? decodeValue(row.output.text) : row?.output;

/** A store on which a workflow runs again and again. */
export async function cacheStage(workflow: Workflow) {
  const world = await stage(workflow);
  const { store, version, window, clock, folder } = world;
  const engine = world.start();

  const read = async (id: string) => {
    const detail = await store.reader().runDetail(id);
    if (detail === null) throw new Error(`there is no run ${id}`);
    const named = detail.taskRuns.map(
      (row) => [row.mapIndex === null ? row.task : `${row.task}[${row.mapIndex}]`, row] as const,
    );
    return { id, state: detail.run.state, rows: Object.fromEntries(named) as Record<string, TaskRunDetail> };
  };
  const ended = async (id: string) => {
    await engine.ended(id);
    await engine.settled();
    // Files are as old as the moments of the clock make them.
    if (existsSync(join(folder, id))) utimesSync(join(folder, id), clock.date, clock.date);
    return read(id);
  };

  return {
    ...world,
    engine,
    read,
    run: async (more: Partial<Submission> = {}) =>
      ended(await engine.submit({ version, window, trigger: "manual", ...more })),
    again: async (id: string, request: RetryRequest = {}) => {
      await engine.retry(id, request);
      return ended(id);
    },
    clear: async (id: string, ...tasks: string[]) => {
      await engine.control(id, { kind: "clear_tasks", tasks, downstream: false });
      return ended(id);
    },
    mark: async (id: string, task: string) => {
      await engine.control(id, { kind: "mark_task", task, as: "succeeded", reason: "by hand" });
      return ended(id);
    },
    sweep: (id: string) => sweepArtifacts(store, artifactStoreAt(folder), id),
    /** What is older than so many days. */
    prune: async ({ days, artifactDays = days }: { readonly days?: number; readonly artifactDays?: number }) => {
      const before = (count?: number) => (count === undefined ? null : clock.now() - count * DAY);
      const cutoffs = { runs: before(days), artifacts: before(artifactDays), versions: null, logs: null, events: null };
      return pruneBatch(
        { store, logsDir: join(folder, "logs"), logStore: null, artifacts: artifactStoreAt(folder) },
        cutoffs,
      );
    },
  };
}
