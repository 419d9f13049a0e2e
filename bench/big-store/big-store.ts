import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { systemClock } from "../../src/core/clock.ts";
import type { RunState } from "../../src/core/run-state.ts";
import { runIdFrom } from "../../src/core/run-id.ts";
import type { TaskRunState } from "../../src/core/task-run-state.ts";
import { loadProject } from "../../src/loader/load.ts";
import { openSqliteStore } from "../../src/store/sqlite/open-sqlite-store.ts";
import type { NewAttempt, NewTaskRun, RunGroup, Store, VersionRecord } from "../../src/store/store.ts";
import { writePipelines } from "./pipelines.ts";

export interface BigStoreSize {
  readonly workflows: number;
  readonly runs: number;
  /** Tasks of the wide workflow, of which there are a few runs. */
  readonly wideTasks: number;
}

/** 200 workflows, 100,000 runs, 1,000,000 task runs: what lists and pages are measured on. */
export const FULL_SIZE: BigStoreSize = { workflows: 200, runs: 100_000, wideTasks: 5_000 };
export const QUICK_SIZE: BigStoreSize = { workflows: 200, runs: 10_000, wideTasks: 1_000 };

const RUNS_A_COMMIT = 500;
const WIDE_RUNS = 5;
/** From one run to the next: with 100,000 of them seventy days. */
const EVERY_US = 60_000_000;
const ERROR = { name: "Error", message: "the source did not answer within 30 s", code: "SOURCE_TIMEOUT" };

/**
 * Makes a project in a folder whose store is as large as a busy team's after months: its pipeline files, deployed, and runs of them that have
 * ended, the last one a minute ago. `tutti start` in that folder serves it. `more`: files of a workflow each, which have no runs.
 */
export async function makeBigStore(
  folder: string,
  size: BigStoreSize = FULL_SIZE,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writePipelines(folder, size.workflows - Object.keys(more).length, size.wideTasks);
  for (const [file, text] of Object.entries(more)) await writeFile(join(folder, "pipelines", file), text);
  const stateDir = join(folder, ".tutti");
  const { workflows, errors } = await loadProject({ root: folder, pipelinesDir: join(folder, "pipelines"), stateDir });
  for (const error of errors) throw error;
  const store = await openSqliteStore({ path: join(stateDir, "tutti.db") });
  try {
    const versions = [...workflows.values()].map(({ version }) => version);
    const deployed = await store.deploy({ versions, at: systemClock.now() });
    await fillBigStore(
      store,
      deployed.workflows.map(({ version }) => version).filter(({ file }) => !more[basename(file)]),
      size.runs,
    );
  } finally {
    await store.close();
  }
}

/** The runs alone, in a store of any kind, of versions that it has. */
export async function fillBigStore(store: Store, versions: readonly VersionRecord[], runs: number): Promise<void> {
  const wide = versions.find(({ workflow }) => workflow === "wide");
  const ordinary = versions.filter((version) => version !== wide);
  const last = systemClock.now() - EVERY_US;
  for (let done = 0; done < runs; done += RUNS_A_COMMIT) {
    const count = Math.min(RUNS_A_COMMIT, runs - done);
    const groups = Array.from({ length: count }, (_, place) => {
      const number = done + place;
      return pastRun(ordinary[number % ordinary.length]!, number, last - (runs - number) * EVERY_US);
    });
    await store.commit(groups);
  }
  if (wide === undefined) return;
  for (let number = 0; number < WIDE_RUNS; number++) await store.commit([pastRun(wide, number, last - number)]);
}

/** The same store each time: which run failed at what is decided by its number. */
function pastRun({ id: versionId, taskIds }: VersionRecord, number: number, startedAt: number): RunGroup {
  const failed = number % 20 === 3 ? 2 + (number % (taskIds.length - 2)) : null;
  const state: RunState = failed !== null ? "failed" : number % 50 === 7 ? "cancelled" : "succeeded";
  const endedAt = startedAt + 20_000_000 + (number % 97) * 1_000_000;
  const runId = runIdFrom(startedAt, bytesOf(number));
  const day = new Date(startedAt / 1000).toISOString().slice(0, 10);
  const midnight = Date.parse(`${day}T00:00:00Z`) * 1000;
  const ends = taskIds.map((_, place) => stateOf(place, failed));
  return {
    runId,
    revision: 0,
    create: {
      id: runId,
      versionId,
      state: "running",
      generation: 1,
      trigger: number % 3 === 0 ? "manual" : "schedule",
      createdAt: startedAt,
      intervalStart: midnight - 86_400_000_000,
      intervalEnd: midnight,
      date: new Date(midnight / 1000 - 86_400_000).toISOString().slice(0, 10),
      timezone: "UTC",
      paramsInput: null,
      params: null,
      paramsLists: null,
    },
    run: { state, startedAt, endedAt },
    inserts: taskIds.map((taskId, place) => pastTaskRun(taskId, ends[place]!, startedAt, endedAt)),
    changes: [],
    attempts: ends.flatMap((ended, place) =>
      ended === "upstream_failed" ? [] : [pastAttempt(place, versionId, ended, startedAt, endedAt)],
    ),
    drawers: [],
  };
}

const stateOf = (place: number, failed: number | null): "succeeded" | "failed" | "upstream_failed" =>
  failed === null || place < failed ? "succeeded" : place === failed ? "failed" : "upstream_failed";

const pastTaskRun = (
  taskId: number,
  state: Extract<TaskRunState, "succeeded" | "failed" | "upstream_failed">,
  startedAt: number,
  endedAt: number,
): NewTaskRun => ({
  taskId,
  mapIndex: null,
  state,
  claim: state === "upstream_failed" ? 0 : 1,
  attempt: 1,
  generation: 1,
  worker: state === "upstream_failed" ? null : "worker",
  queuedAt: startedAt,
  claimedAt: startedAt,
  endedAt,
  error: state === "failed" ? ERROR : null,
  skipReason: null,
});

const pastAttempt = (
  insert: number,
  versionId: number,
  outcome: "succeeded" | "failed",
  startedAt: number,
  endedAt: number,
): NewAttempt => ({
  taskRun: { insert },
  generation: 1,
  attempt: 1,
  claim: 1,
  worker: "worker",
  versionId,
  waitedFor: null,
  queuedAt: startedAt,
  claimedAt: startedAt,
  startedAt,
  endedAt,
  outcome,
  error: outcome === "failed" ? ERROR : null,
});

/** Ids that are the same in each store that is made at one time. */
function bytesOf(number: number): Uint8Array {
  const bytes = new Uint8Array(10);
  new DataView(bytes.buffer).setUint32(2, number);
  return bytes;
}
