import { once } from "node:events";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { Engine } from "../../src/engine/engine.ts";
import { systemEngineClock } from "../../src/engine/engine-clock.ts";
import { LogReader } from "../../src/engine/logs/log-reader.ts";
import { loadFile } from "../../src/loader/load.ts";
import {
  migratePostgres,
  openPostgresStore,
  openPostgresWakeUps,
} from "../../src/store/postgres/open-postgres-store.ts";
import { InlineHost } from "../../src/testing/inline-host.ts";
import { PostgresServer } from "../support/postgres-server.ts";
import { WINDOW } from "../support/remote-fleet.ts";
import { tempProject, type TempProject } from "../support/temp-project.ts";
import { startWorkerProcess } from "../support/worker-process.ts";

const TASKS = 40;
/** Of the lease that ships a third: `whole/fleet.test.ts` waits for the whole of it. */
const LEASE_MS = 3_000;

// Each says that it began, under whose claim, and waits for a file: a task that was killed has left its line behind.
const PIPELINE = `
import { appendFileSync, existsSync } from "node:fs";
import { dag, task } from "tutti";

const list = task("list", () => Array.from({ length: ${TASKS} }, (_, i) => i));
const wait = task("wait", async ({ i }: { i: number }, ctx) => {
  appendFileSync("begun.txt", ctx.idempotencyKey + "\\n");
  console.log("began " + i);
  while (!existsSync("go") && !ctx.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 100));
  return i;
});
const count = task("count", ({ all }: { all: readonly number[] }) => all.length);

export default dag("waiting", {}, () => {
  count({ all: wait.map({ i: list() }) });
});
`;

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.stop());

/** A scheduler in this process, and worker processes beside it. */
async function stage(project: TempProject) {
  const { url } = await server.makeDatabase();
  await migratePostgres({ url });
  const store = await openPostgresStore({ url });
  const wakeUps = await openPostgresWakeUps({ url });
  const engine = new Engine({
    store,
    host: new InlineHost([], { name: "scheduler", slots: 0, artifactsDir: project.dir }),
    clock: systemEngineClock,
    codeFile: async () => "",
    logs: { write() {}, flush() {} },
    membership: {
      wakeUps,
      name: "scheduler",
      worker: null,
      workerLeaseMs: LEASE_MS,
      queues: [],
      handOver: () => {},
      isHandedOver: () => false,
    },
  });
  await engine.join();
  const { workflows, errors } = await loadFile("pipelines/waiting.ts", {
    root: project.dir,
    stateDir: project.path("loading"),
  });
  for (const error of errors) throw error;
  const version = await store.registerVersion(workflows[0]!.version);
  onTestFinished(async () => {
    await engine.close(0);
    await Promise.all([wakeUps.close(), store.close()]);
  });
  const worker = async (name: string) => {
    const dirs = { root: project.dir, stateDir: project.path(name), sharedDir: project.path("shared") };
    const child = await startWorkerProcess({
      url,
      name,
      ...dirs,
      children: 2,
      tasksPerChild: TASKS / 2,
      leaseMs: LEASE_MS,
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    return child;
  };
  const run = () => engine.submit({ version, window: WINDOW, trigger: "manual" });
  const rows = async (id: string) => (await store.loadRun(id))!.taskRuns;
  return { engine, worker, run, rows };
}

const begun = (project: TempProject): number =>
  readFileSync(project.path("begun.txt"), { encoding: "utf8", flag: "a+" }).split("\n").length - 1;

test(
  `a worker is killed with ${TASKS} tasks: all run elsewhere soon, and nothing is lost`,
  { timeout: 120_000 },
  async () => {
    const project = tempProject({ "pipelines/waiting.ts": PIPELINE });
    const { engine, worker, run, rows } = await stage(project);
    const first = await worker("first");
    const id = await run();
    await expect.poll(() => begun(project), { timeout: 60_000 }).toBe(TASKS);
    await worker("second");
    // Two seconds' worth of lines die with a worker.
    const logs = new LogReader(project.path("shared"));
    await expect.poll(async () => (await logs.read(id)).length, { timeout: 20_000 }).toBe(TASKS);

    first.kill("SIGKILL");
    const elsewhere = async () => (await rows(id)).filter((row) => row.state === "running" && row.worker === "second");
    await expect.poll(async () => (await elsewhere()).length, { timeout: 60_000 }).toBe(TASKS);
    project.write("go", "");
    expect(await engine.ended(id)).toBe("succeeded");

    const waits = (await rows(id)).filter(({ mapIndex }) => mapIndex !== null);
    expect(waits.every((row) => row.worker === "second" && row.losses === 1 && row.attempt === 1)).toBe(true);
    expect(new Set(project.read("begun.txt").split("\n")).size).toBe(TASKS + 1);
    // What the first one's tasks said is there for all, though nobody closed its file.
    const lines = await logs.read(id);
    expect(lines.filter(({ claim }) => claim === 1).length).toBe(TASKS);
    expect(lines.filter(({ claim }) => claim === 2).length).toBe(TASKS);
  },
);

test(
  "a worker that is told to end lets its tasks end, and leaves with nothing lost",
  { timeout: 120_000 },
  async () => {
    const project = tempProject({ "pipelines/waiting.ts": PIPELINE });
    const { engine, worker, run, rows } = await stage(project);
    const first = await worker("first");
    const id = await run();
    await expect.poll(() => begun(project), { timeout: 60_000 }).toBe(TASKS);

    first.kill("SIGTERM");
    project.write("go", "");
    expect(await once(first, "exit")).toEqual([0, null]);
    const waits = (await rows(id)).filter(({ mapIndex }) => mapIndex !== null);
    expect(waits.every((row) => row.worker === "first" && row.claim === 1 && row.losses === 0)).toBe(true);
    await worker("second");
    expect(await engine.ended(id)).toBe("succeeded");
    expect(begun(project)).toBe(TASKS);
  },
);
