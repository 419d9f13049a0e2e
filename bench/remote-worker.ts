import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../src/core/clock.ts";
import { momentWindow } from "../src/core/window.ts";
import { Engine } from "../src/engine/engine.ts";
import { systemEngineClock } from "../src/engine/engine-clock.ts";
import { loadFile } from "../src/loader/load.ts";
import { materializeVersion } from "../src/loader/materialize.ts";
import { migratePostgres, openPostgresStore, openPostgresWakeUps } from "../src/store/postgres/open-postgres-store.ts";
import type { VersionRecord } from "../src/store/store.ts";
import { InlineHost } from "../src/testing/inline-host.ts";
import { PostgresServer } from "../test/support/postgres-server.ts";
import { startWorkerProcess } from "../test/support/worker-process.ts";

/**
 * What a worker-only process costs, durable as shipped: a scheduler that runs nothing here, a worker with two children in a
 * process of its own, PostgreSQL on the same cores. A hop is three commits: claim, result, decision. Medians.
 * `node bench/remote-worker.ts [workers]`
 */
const ROUNDS = 5;
const WORKERS = Number(process.argv[2] ?? 1);

const server = await PostgresServer.start({ durable: true });
const folder = await mkdtemp(join(tmpdir(), "tutti-bench-"));
const root = resolve(import.meta.dirname, "..");
const { url } = await server.makeDatabase();
await migratePostgres({ url });
const store = await openPostgresStore({ url, prepare: true });
const wakeUps = await openPostgresWakeUps({ url });
const versions = new Map<string, VersionRecord>();
const loaded = await loadFile(fileURLToPath(new URL("pipelines/bench.ts", import.meta.url)), {
  root,
  stateDir: folder,
});
for (const error of loaded.errors) throw error;
const files = new Map<string, string>();
for (const { name, version } of loaded.workflows) {
  versions.set(name, await store.registerVersion(version));
  files.set(name, await materializeVersion(version, folder, root));
}
const engine = new Engine({
  store,
  host: new InlineHost([], { name: "scheduler", slots: 0, artifactsDir: folder }),
  clock: systemEngineClock,
  codeFile: async ({ workflow }) => files.get(workflow)!,
  logs: { write() {}, flush() {} },
  membership: {
    wakeUps,
    name: "scheduler",
    worker: null,
    queues: [],
    handOver: () => {},
    isHandedOver: () => false,
  },
});
await engine.join();
const workers = await Promise.all(
  Array.from({ length: WORKERS }, (_, place) =>
    startWorkerProcess({ url, name: `worker-${place}`, root, stateDir: folder, sharedDir: folder, children: 2 }),
  ),
);

const submit = (workflow: string) =>
  engine.submit({ version: versions.get(workflow)!, window: momentWindow(systemClock.now()), trigger: "manual" });

async function run(workflow: string, count = 1): Promise<number> {
  const start = performance.now();
  const ids = await Promise.all(Array.from({ length: count }, () => submit(workflow)));
  const ends = await Promise.all(ids.map((id) => engine.ended(id)));
  if (ends.some((state) => state !== "succeeded")) throw new Error(`a run of ${workflow} did not succeed`);
  return performance.now() - start;
}

async function figure(name: string, unit: string, measure: () => Promise<number>): Promise<void> {
  const values: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) values.push(await measure());
  values.sort((a, b) => a - b);
  const [least, median, most] = [values[0]!, values[ROUNDS >> 1]!, values.at(-1)!].map((value) => value.toPrecision(3));
  process.stdout.write(`${name.padEnd(36)} ${median} ${unit} (${least} to ${most})\n`);
}

await run("ten", 300);
await figure("chain of 40", "ms/hop", async () => (await run("chain_40")) / 40);
await figure("1,000 elements and a join", "tasks/s", async () => 1_002_000 / (await run("fan_1000")));
await figure("10,000 elements and a join", "tasks/s", async () => 10_002_000 / (await run("fan_10000")));
await figure("1,000 runs of 10 tasks", "tasks/s", async () => 10_000_000 / (await run("ten", 1_000)));

for (const worker of workers) worker.kill("SIGTERM");
await engine.close(0);
await Promise.all([wakeUps.close(), store.close()]);
await server.stop();
await rm(folder, { recursive: true, force: true });
