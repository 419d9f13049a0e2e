import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../src/store/sqlite/open-sqlite-store.ts";
import type { RunGroup, Store, VersionRecord } from "../src/store/store.ts";
import {
  finished,
  queued,
  running,
  sampleAttempt,
  sampleGroup,
  sampleRun,
  sampleRunId,
  sampleVersion,
  T0,
} from "../src/testing/store-samples.ts";

/**
 * What the store costs the engine's thread, durable as shipped: CPU of a hop (its run's revision, one row finished, one
 * attempt appended, one row inserted as running) alone in its commit and among 24 others, and of the large batches.
 * `node bench/store.ts`
 */
const RUNS = 50;
const FANOUT = 10_000;

interface Cursor {
  readonly runId: string;
  revision: number;
  taskRun: number;
  step: number;
}

const folder = mkdtempSync(join(tmpdir(), "tutti-bench-"));
const store = await openSqliteStore({ path: join(folder, "tutti.db") });
const version = await store.registerVersion(
  sampleVersion(
    "bench",
    Array.from({ length: 2_000 }, (_, task) => `t${task}`),
  ),
);
const cursors = await startRuns(store, version);

await hops("warm-up", 2_000, 25);
await hops("hop, one a commit", 2_000, 1);
await hops("hop, 25 a commit", 20_000, 25);
await hops("hop, 25 a commit of which one is stale", 5_000, 25, true);
await fanOut();
await store.close();
rmSync(folder, { recursive: true });

async function startRuns(to: Store, { id, taskIds }: VersionRecord): Promise<Cursor[]> {
  const groups = Array.from({ length: RUNS }, (_, run) =>
    sampleGroup(sampleRunId(run), 0, { create: sampleRun(sampleRunId(run), id), inserts: [running(taskIds[0]!)] }),
  );
  const results = await to.commit(groups);
  return groups.map(({ runId }, run) => ({ runId, revision: 1, taskRun: results[run]!.ids[0]!, step: 0 }));
}

async function hops(name: string, total: number, perCommit: number, withStale = false): Promise<void> {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  for (let done = 0; done < total; done += perCommit) {
    const moving = Array.from({ length: perCommit }, (_, place) => cursors[(done + place) % RUNS]!);
    const groups = moving.map((cursor, place) => hop(cursor, withStale && place === perCommit - 1));
    const results = await store.commit(groups);
    results.forEach((result, place) => advance(moving[place]!, result.ids[0]));
  }
  const used = process.cpuUsage(cpu);
  report(name, {
    cpuUs: (used.user + used.system) / total,
    userUs: used.user / total,
    wallUs: ((performance.now() - wall) * 1000) / total,
  });
}

function hop({ runId, revision, taskRun, step }: Cursor, stale: boolean): RunGroup {
  return sampleGroup(runId, revision, {
    changes: [finished(taskRun, stale ? 9 : 1)],
    // Another map index when the tasks are used up.
    inserts: [running(version.taskIds[(step + 1) % 2_000]!, { mapIndex: Math.floor((step + 1) / 2_000) })],
    attempts: [sampleAttempt({ id: taskRun }, version.id, { worker: "host-1234/0" })],
  });
}

function advance(cursor: Cursor, taskRun: number | undefined): void {
  if (taskRun === undefined) return;
  cursor.taskRun = taskRun;
  cursor.revision += 1;
  cursor.step += 1;
}

async function fanOut(): Promise<void> {
  const runId = sampleRunId(RUNS);
  await store.commit([sampleGroup(runId, 0, { create: sampleRun(runId, version.id) })]);
  const inserts = Array.from({ length: FANOUT }, (_, mapIndex) => queued(version.taskIds[0]!, { mapIndex }));
  const ids = await timed(
    "insert 10,000 queued rows",
    async () => (await store.commit([sampleGroup(runId, 1, { inserts })]))[0]!.ids,
  );
  const claims = ids.map((id) => ({ id, claim: 0, kind: "claim", worker: "w", at: T0 }) as const);
  await timed("claim 10,000 rows", () => store.commit([sampleGroup(runId, 2, { changes: claims })]));
  const attempts = ids.map((id) => sampleAttempt({ id }, version.id));
  await timed("finish 10,000 rows with attempts", () =>
    store.commit([sampleGroup(runId, 3, { changes: ids.map((id) => finished(id, 1)), attempts })]),
  );
  await timed("load a run of 10,000", () => store.loadRun(runId));
  await timed("read 10,000 outputs", () => store.readOutputs(ids));
}

async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  const result = await work();
  const used = process.cpuUsage(cpu);
  report(name, { cpuMs: (used.user + used.system) / 1000, wallMs: performance.now() - wall });
  return result;
}

function report(name: string, figures: Readonly<Record<string, number>>): void {
  const text = Object.entries(figures).map(([key, value]) => `${key} ${value.toFixed(1)}`);
  console.log(`${name.padEnd(42)}${text.join("   ")}`);
}
