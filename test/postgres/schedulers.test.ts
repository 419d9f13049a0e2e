import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { build } from "../../src/authoring/build.ts";
import { manifestHash } from "../../src/authoring/manifest-hash.ts";
import type { TuttiError } from "../../src/core/errors.ts";
import { dag, task } from "../../src/index.ts";
import { Engine } from "../../src/engine/engine.ts";
import { systemEngineClock } from "../../src/engine/engine-clock.ts";
import {
  migratePostgres,
  openPostgresStore,
  openPostgresWakeUps,
} from "../../src/store/postgres/open-postgres-store.ts";
import { RUNS_CHANNEL } from "../../src/engine/wake-up-channels.ts";
import type { Config } from "../../src/loader/config.ts";
import { CommandPoll } from "../../src/owner/command-poll.ts";
import { FleetSession } from "../../src/owner/fleet/fleet-session.ts";
import { retryRequest } from "../../src/owner/retry-request.ts";
import { NOBODY } from "../../src/owner/run-session.ts";
import type { Store, VersionRecord } from "../../src/store/store.ts";
import type { WakeUps } from "../../src/store/wake-ups.ts";
import { InlineHost } from "../../src/testing/inline-host.ts";
import { PostgresProxy } from "../support/postgres-proxy.ts";
import { PostgresServer } from "../support/postgres-server.ts";

const WINDOW = { start: 0, end: 86_400_000_000, date: "1970-01-01", timezone: "UTC" };

/** Each task waits until the test lets it go, unless the gate is open. */
const gate = { open: true, waiting: [] as (() => void)[], begun: [] as string[] };
const step = task("step", async ({ name }: { name: string }) => {
  gate.begun.push(name);
  if (!gate.open) await new Promise<void>((resolve) => gate.waiting.push(resolve));
  return name;
});
const pair = dag("pair", {}, () => {
  const first = step({ name: "first" });
  step({ name: "second" }).after(first);
});
const built = build(pair);

let server: PostgresServer;
let url: string;
let folder: string;
let direct: Store;
let version: VersionRecord;
let cleanUp: (() => Promise<unknown>)[];

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.stop());

beforeEach(async () => {
  url = (await server.makeDatabase()).url;
  folder = mkdtempSync(join(tmpdir(), "tutti-schedulers-"));
  await migratePostgres({ url });
  direct = await openPostgresStore({ url });
  const hash = manifestHash(built.manifest);
  const bundle = { hash, code: "", map: null };
  version = await direct.registerVersion({
    hash,
    manifest: built.manifest,
    bundle,
    file: "f",
    outside: {},
    createdAt: 0,
  });
  cleanUp = [() => direct.close()];
  Object.assign(gate, { open: true, waiting: [], begun: [] });
});
afterEach(async () => {
  for (const step of cleanUp.toReversed()) await step();
  rmSync(folder, { recursive: true, force: true });
});

interface Node {
  readonly engine: Engine;
  readonly store: Store;
  readonly wakeUps: WakeUps;
}

/** One of several processes, as far as scheduling goes. `leaveNothing`: it is not closed at the end of the test. */
async function node(name: string, { at = url }: { at?: string } = {}): Promise<Node> {
  const store = await openPostgresStore({ url: at, patienceMs: 100 });
  const wakeUps = await openPostgresWakeUps({ url: at });
  const host = new InlineHost(built, { name, artifactsDir: folder });
  const engine = new Engine({
    store,
    host,
    clock: systemEngineClock,
    codeFile: async () => "",
    logs: { write() {}, flush() {} },
    membership: {
      wakeUps,
      name,
      leaseMs: 900,
      workerLeaseMs: 1_500,
      worker: { name, queues: [], slots: host.slots, labels: {}, release: "0" },
      queues: ["default"],
      handOver: () => {},
      isHandedOver: () => false,
    },
  });
  await engine.join();
  cleanUp.push(
    () => store.close(),
    () => wakeUps.close(),
    () => engine.close(0).catch(() => {}),
  );
  return { engine, store, wakeUps };
}

const submit = ({ engine }: Node) => engine.submit({ version, window: WINDOW, trigger: "manual" });
const stateOf = async (run: string) => (await direct.loadRun(run))?.run.state;
const begunOnce = () => expect(new Set(gate.begun).size).toBe(gate.begun.length);

test("each scheduler ends the runs that it accepted", async () => {
  const [a, b] = [await node("a"), await node("b")];
  const runs = await Promise.all([submit(a), submit(b), submit(a), submit(b)]);
  await expect.poll(() => Promise.all(runs.map(stateOf))).toEqual(runs.map(() => "succeeded"));
});

test("a scheduler that leaves hands its runs to another at once, and nothing that was recorded runs again", async () => {
  const a = await node("a");
  gate.open = false;
  const run = await submit(a);
  await expect.poll(() => gate.begun).toEqual(["first"]);
  const b = await node("b");
  gate.open = true;
  gate.waiting.splice(0)[0]!();
  await expect.poll(async () => (await direct.loadRun(run))!.taskRuns[0]!.state).toBe("succeeded");
  await a.engine.close(0);
  expect(await b.engine.ended(run)).toBe("succeeded");
  begunOnce();
});

describe("two people who ask for the same at once", () => {
  /** Every node carries out what was left, once it is told to, and each of the two has a way of their own to the store. */
  async function two({ carriesOut = true }: { carriesOut?: boolean } = {}) {
    const nodes = [await node("a"), await node("b")];
    const carryOut = () => nodes.forEach(carriesOutCommands);
    if (carriesOut) carryOut();
    await keepPresent();
    const place = { kind: "postgres", url, directUrl: url } as const;
    const config = { store: place, logsDir: folder, logStore: null, artifactsDir: folder } as unknown as Config;
    const people = await Promise.all(
      [1, 2].map(() => FleetSession.open({ config, command: "", notice: () => {} }, place)),
    );
    cleanUp.push(() => Promise.all(people.map((each) => each.close())));
    return { nodes, people, carryOut };
  }

  function carriesOutCommands({ engine, store, wakeUps }: Node): void {
    const commands = new CommandPoll({
      store,
      session: {
        retry: async (runId, options) => engine.retry(runId, await retryRequest(store, options)),
        resume: (runId) => engine.resume(runId),
        cancel: (runId, generation) => engine.cancel(runId, generation),
        control: (runId, request) => engine.control(runId, request),
      },
      notice: () => {},
      scheduler: () => engine.scheduler,
    });
    commands.start();
    wakeUps.listen(RUNS_CHANNEL, () => commands.look());
    cleanUp.push(() => commands.stop());
  }

  /** As a scheduler that the commands of other processes wait for. */
  const keepPresent = () =>
    direct.processes.keep(
      {
        name: "a",
        instance: "a",
        roles: ["scheduler", "worker"],
        queues: ["default"],
        slots: 4,
        labels: {},
        host: "here",
        pid: 1,
        release: "0",
        node: "24",
        timeZones: "2026",
        clockAheadMs: 0,
      },
      600_000,
    );

  /** The codes of what they were told, in alphabetical order. */
  const told = async (asked: readonly Promise<unknown>[]) =>
    (await Promise.allSettled(asked))
      .map((each) => (each.status === "fulfilled" ? "done" : (each.reason as TuttiError).code))
      .toSorted();

  const generationOf = async (run: string) => (await direct.loadRun(run))?.run.generation;

  async function endedRun({ nodes }: Awaited<ReturnType<typeof two>>): Promise<string> {
    const run = await submit(nodes[0]!);
    await expect.poll(() => stateOf(run), { timeout: 30_000 }).toBe("succeeded");
    return run;
  }

  test.each([
    ["retry", (each: FleetSession, run: string) => each.retry(run, { fresh: true }, NOBODY)],
    [
      "clear",
      (each: FleetSession, run: string) =>
        each.control(run, { kind: "clear_tasks", tasks: ["step"], downstream: true }, NOBODY),
    ],
    [
      "mark",
      (each: FleetSession, run: string) =>
        each.control(run, { kind: "mark_task", task: "step", as: "failed", reason: "wrong" }, NOBODY),
    ],
  ])(
    "%s: one is told that it did it, the other that it was done already",
    async (_, ask) => {
      const here = await two();
      const run = await endedRun(here);
      // A run that has ended again by the time the second is looked at is still not what the other has seen.
      for (const generation of [2, 3, 4]) {
        expect(await told(here.people.map((each) => ask(each, run)))).toEqual(["RUN_NOT_ENDED", "done"]);
        await expect.poll(() => stateOf(run), { timeout: 30_000 }).not.toBe("running");
        expect(await generationOf(run)).toBe(generation);
      }
      await expect.poll(() => here.nodes.flatMap(({ engine }) => engine.liveRuns)).toEqual([]);
    },
    120_000,
  );

  test("one who has seen less than what has happened since is refused, whichever scheduler is asked", async () => {
    const here = await two();
    const run = await endedRun(here);
    await here.nodes[0]!.engine.retry(run, { fresh: true, generation: 1 });
    await expect.poll(() => stateOf(run), { timeout: 30_000 }).toBe("succeeded");
    const mark = { kind: "mark_task", task: "step", as: "failed", reason: "wrong", generation: 1 } as const;
    for (const { engine } of here.nodes) {
      expect(await told([engine.retry(run, { fresh: true, generation: 1 })])).toEqual(["RUN_NOT_ENDED"]);
      expect(await told([engine.control(run, mark)])).toEqual(["RUN_NOT_ENDED"]);
    }
    expect(await generationOf(run)).toBe(2);
  }, 60_000);

  test("two schedulers that open a run at the same moment: one does, and the other holds nothing of it", async () => {
    const { nodes, ...here } = await two();
    const run = await endedRun({ nodes, ...here });
    for (const generation of [1, 2, 3, 4]) {
      const asked = nodes.map(({ engine }) => engine.retry(run, { fresh: true, generation }));
      expect((await told(asked)).filter((code) => code === "done")).toHaveLength(1);
      await expect.poll(() => stateOf(run), { timeout: 30_000 }).toBe("succeeded");
      expect(await generationOf(run)).toBe(generation + 1);
    }
    await expect.poll(() => nodes.flatMap(({ engine }) => engine.liveRuns)).toEqual([]);
  }, 60_000);

  test("a cancel that is carried out only after the run was opened again leaves that alone, and says so", async () => {
    const here = await two({ carriesOut: false });
    gate.open = false;
    const run = await submit(here.nodes[0]!);
    await expect.poll(() => gate.begun, { timeout: 30_000 }).toEqual(["first"]);
    const cancelled = told([here.people[0]!.cancel(run)]);
    await expect.poll(() => direct.pendingCommands(9)).toMatchObject([{ kind: "cancel", runId: run }]);
    gate.open = true;
    for (const go of gate.waiting.splice(0)) go();
    await expect.poll(() => stateOf(run), { timeout: 30_000 }).toBe("succeeded");
    gate.open = false;
    await here.nodes[0]!.engine.retry(run, { fresh: true });
    await expect.poll(() => gate.begun, { timeout: 30_000 }).toEqual(["first", "second", "first"]);

    here.carryOut();
    expect(await cancelled).toEqual(["RUN_NOT_ENDED"]);
    expect((await direct.loadRun(run))!.run).toMatchObject({ state: "running", generation: 2, cancelRequested: false });
    gate.open = true;
    for (const go of gate.waiting.splice(0)) go();
    await expect.poll(() => stateOf(run), { timeout: 30_000 }).toBe("succeeded");
  }, 60_000);

  test("cancel: a run that is being cancelled already is what both wanted; one that has ended is told as ended", async () => {
    const here = await two();
    gate.open = false;
    const run = await submit(here.nodes[0]!);
    await expect.poll(() => gate.begun, { timeout: 30_000 }).toEqual(["first"]);
    expect(await told(here.people.map((each) => each.cancel(run)))).toEqual(["done", "done"]);
    for (const go of gate.waiting.splice(0)) go();
    await expect.poll(() => stateOf(run), { timeout: 30_000 }).not.toBe("running");
    expect(await told(here.people.map((each) => each.cancel(run)))).toEqual(["RUN_ENDED", "RUN_ENDED"]);
  }, 60_000);
});

test("a task that was told to stop does not begin again where another scheduler takes its run over before it has ended", async () => {
  const proxy = await PostgresProxy.start(server.port);
  cleanUp.push(() => proxy.close());
  const a = await node("a", { at: url.replace(String(server.port), String(proxy.port)) });
  const b = await node("b");
  // Of a worker that it has seen alive it looks for what that has lost as soon as it is gone.
  const seen = Promise.withResolvers<void>();
  const list = b.store.fleet.listWorkers.bind(b.store.fleet);
  b.store.fleet.listWorkers = async (limit) => {
    const workers = await list(limit);
    if (workers.some(({ name, alive }) => name === "a" && alive)) seen.resolve();
    return workers;
  };
  gate.open = false;
  const run = await submit(a);
  await expect.poll(() => gate.begun).toEqual(["first"]);
  await a.engine.control(run, { kind: "cancel_task", task: "step" });
  await seen.promise;

  proxy.away = true;
  proxy.cut();
  await expect.poll(() => stateOf(run), { timeout: 10_000 }).toBe("failed");
  expect((await direct.loadRun(run))!.taskRuns).toMatchObject([
    { state: "cancelled", claim: 1, losses: 1 },
    { state: "upstream_failed", claim: 0 },
  ]);
  expect(gate.begun).toEqual(["first"]);
  expect(b.engine.liveRuns).toEqual([]);
  proxy.away = false;
  for (const go of gate.waiting.splice(0)) go();
  await expect.poll(() => a.engine.liveRuns, { timeout: 8_000 }).toEqual([]);
}, 40_000);

test("a task that was taken away and is claimed again for the same process begins beside the execution that is leaving, and both let go of their slots", async () => {
  const a = await node("a");
  gate.open = false;
  const run = await submit(a);
  await expect.poll(() => gate.begun).toEqual(["first"]);
  // As by a scheduler that had the run in between.
  const { run: known, taskRuns } = (await direct.loadRun(run))!;
  const requeue = { id: taskRuns[0]!.id, claim: 1, kind: "requeue", from: "running", losses: 1, at: 0 } as const;
  const nothing = { create: null, run: null, inserts: [], attempts: [], drawers: [] };
  const group = { runId: run, revision: known.revision, changes: [requeue], ...nothing };
  expect(await direct.commit([group], a.engine.scheduler)).toMatchObject([{ applied: true }]);
  await a.engine.control(run, { kind: "cancel_task", task: "step_2" });

  await expect.poll(() => gate.begun).toEqual(["first", "first"]);
  expect(a.engine.idle).toBe(false);
  gate.open = true;
  for (const go of gate.waiting.splice(0)) go();
  await expect.poll(() => stateOf(run)).toBe("failed");
  expect((await direct.loadRun(run))!.taskRuns).toMatchObject([
    { state: "succeeded", claim: 2 },
    { state: "cancelled" },
  ]);
  await expect.poll(() => a.engine.idle).toBe(true);
});

test("a scheduler that is cut off loses its runs to another, and what it still decides is dropped", async () => {
  const proxy = await PostgresProxy.start(server.port);
  cleanUp.push(() => proxy.close());
  const a = await node("a", { at: url.replace(String(server.port), String(proxy.port)) });
  const b = await node("b");
  gate.open = false;
  const run = await submit(a);
  await expect.poll(() => gate.begun).toEqual(["first"]);

  proxy.away = true;
  proxy.cut();
  await expect.poll(() => b.engine.liveRuns, { timeout: 8_000 }).toEqual([run]);
  // The worker is dead as well, once its own lease has ended.
  await expect.poll(() => gate.begun, { timeout: 8_000 }).toEqual(["first", "first"]);
  gate.open = true;
  for (const go of gate.waiting.splice(0)) go();
  await expect.poll(() => stateOf(run), { timeout: 8_000 }).toBe("succeeded");

  proxy.away = false;
  await expect.poll(() => a.engine.liveRuns, { timeout: 8_000 }).toEqual([]);
  expect(gate.begun).toEqual(["first", "first", "second"]);
  const again = await submit(a);
  await expect.poll(() => stateOf(again), { timeout: 8_000 }).toBe("succeeded");
}, 40_000);
