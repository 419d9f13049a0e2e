import { Client } from "pg";
import { migratePostgres, openPostgresStore } from "../src/store/postgres/open-postgres-store.ts";
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
import { PostgresServer } from "../test/support/postgres-server.ts";
import { PostgresLimitStore } from "./limit-postgres.ts";
import type { Step } from "./limit-store.ts";

/**
 * What the PostgreSQL store costs, durable as shipped, beside the least that this server demands (`limit-postgres.ts`): a hop
 * (its run's revision, one row finished, one attempt appended, one row inserted as running) alone in its commit and among
 * others, and the large batches. In turns, so that the same noise meets both; medians. `node bench/store-postgres.ts`
 */
const RUNS = 64;
const FANOUT = 10_000;
const ROUNDS = 5;
const SIZES = [
  { perCommit: 1, total: 500 },
  { perCommit: 32, total: 6_400 },
] as const;

interface Cursor {
  readonly runId: string;
  revision: number;
  taskRun: number;
  step: number;
}

const server = await PostgresServer.start({ durable: true });
const { url, name: database } = await server.makeDatabase();
await migratePostgres({ url });
const store = await openPostgresStore({ url });
const limit = await PostgresLimitStore.open((await server.makeDatabase()).url);
const version = await store.registerVersion({
  ...sampleVersion(
    "bench",
    Array.from({ length: 2_000 }, (_, task) => `t${task}`),
  ),
  hash: "bench",
  bundle: { hash: "bench", code: "", map: null },
});
const cursors = await startRuns(store, version);
const limitRuns = Array.from({ length: RUNS }, (_, run) => ({ run, revision: 0, taskRun: run }));
let limitTaskRuns = RUNS;
await limit.commit(limitRuns.map((run) => ({ ...run, done: null, claimed: run.taskRun })));
for (const run of limitRuns) run.revision = 1;

for (const { perCommit, total } of SIZES) {
  await hops(total, perCommit);
  await limitHops(total, perCommit);
  const rounds: { store: Taken; limit: Taken }[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    rounds.push({
      store: await taken(total, () => hops(total, perCommit)),
      limit: await taken(total, () => limitHops(total, perCommit)),
    });
  report(`hop, ${perCommit} a commit: the store`, median(rounds.map((round) => round.store)));
  report(`hop, ${perCommit} a commit: the limit`, median(rounds.map((round) => round.limit)));
}
report("hop, 32 a commit of which one is stale", await taken(3_200, () => hops(3_200, 32, true)));
await fanOut();
await churned();
await store.close();
await limit.close();
await server.stop();

async function startRuns(to: Store, { id, taskIds }: VersionRecord): Promise<Cursor[]> {
  const groups = Array.from({ length: RUNS }, (_, run) =>
    sampleGroup(sampleRunId(run), 0, { create: sampleRun(sampleRunId(run), id), inserts: [running(taskIds[0]!)] }),
  );
  const results = await to.commit(groups);
  return groups.map(({ runId }, run) => ({ runId, revision: 1, taskRun: results[run]!.ids[0]!, step: 0 }));
}

async function hops(total: number, perCommit: number, withStale = false): Promise<void> {
  for (let done = 0; done < total; done += perCommit) {
    const moving = Array.from({ length: perCommit }, (_, place) => cursors[(done + place) % RUNS]!);
    const results = await store.commit(
      moving.map((cursor, place) => hop(cursor, withStale && place === perCommit - 1)),
    );
    results.forEach((result, place) => advance(moving[place]!, result.ids[0]));
  }
}

async function limitHops(total: number, perCommit: number): Promise<void> {
  for (let done = 0; done < total; done += perCommit) {
    const moving = Array.from({ length: perCommit }, (_, place) => limitRuns[(done + place) % RUNS]!);
    await limit.commit(moving.map(limitHop));
  }
}

function limitHop(at: (typeof limitRuns)[number]): Step {
  const now = Date.now();
  const step = { run: at.run, revision: at.revision++, claimed: limitTaskRuns++ };
  const done = { id: at.taskRun, startedAt: now, endedAt: now, output: "[1]" };
  at.taskRun = step.claimed;
  return { ...step, done };
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
  let ids: readonly number[] = [];
  const commit = (revision: number, more: Partial<RunGroup>) => async () => {
    const [result] = await store.commit([sampleGroup(runId, revision, more)]);
    if (more.inserts) ids = result!.ids;
  };
  await one("insert 10,000 queued rows", commit(1, { inserts }));
  const claims = ids.map((id) => ({ id, claim: 0, kind: "claim", worker: "w", at: T0 }) as const);
  await one("claim 10,000 rows", commit(2, { changes: claims }));
  const attempts = ids.map((id) => sampleAttempt({ id }, version.id));
  const changes = ids.map((id) => finished(id, 1));
  await one("finish 10,000 rows with attempts", commit(3, { changes, attempts }));
  await one("load a run of 10,000", () => store.loadRun(runId));
  await one("read 10,000 outputs", () => store.readOutputs(ids));
}

/** Whether the updates stayed on their pages, which the fill factors are for. */
async function churned(): Promise<void> {
  const client = new Client(url);
  await client.connect();
  const { rows } = await client.query(
    "select relname, n_tup_upd::int, n_tup_hot_upd::int from pg_stat_user_tables where n_tup_upd > 100 order by 1",
  );
  await client.end();
  for (const { relname, n_tup_upd: updates, n_tup_hot_upd: hot } of rows)
    console.log(`${database}.${relname}: ${updates} updates, ${((100 * hot) / updates).toFixed(0)} % of them HOT`);
}

interface Taken {
  readonly cpuUs: number;
  readonly wallUs: number;
}

async function taken(total: number, work: () => Promise<unknown>): Promise<Taken> {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  await work();
  const used = process.cpuUsage(cpu);
  return { cpuUs: (used.user + used.system) / total, wallUs: ((performance.now() - wall) * 1000) / total };
}

function median(all: readonly Taken[]): Taken {
  return all.toSorted((a, b) => a.wallUs - b.wallUs)[Math.floor(all.length / 2)]!;
}

async function one(name: string, work: () => Promise<unknown>): Promise<void> {
  const { cpuUs, wallUs } = await taken(1, work);
  console.log(`${name.padEnd(42)}cpu ${(cpuUs / 1000).toFixed(1)} ms   wall ${(wallUs / 1000).toFixed(1)} ms`);
}

function report(name: string, { cpuUs, wallUs }: Taken): void {
  const rate = Math.round(1e6 / wallUs).toLocaleString("en");
  console.log(`${name.padEnd(42)}cpu ${cpuUs.toFixed(1)} us   wall ${wallUs.toFixed(1)} us   ${rate}/s`);
}
