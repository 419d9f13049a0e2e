import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { build } from "../../src/authoring/build.ts";
import { decodeValue } from "../../src/core/value-codec.ts";
import { TuttiError } from "../../src/core/errors.ts";
import { encodeResult } from "../../src/engine/result-message.ts";
import { workerChannel } from "../../src/engine/wake-up-channels.ts";
import { dag, task } from "../../src/index.ts";
import type { VersionRecord } from "../../src/store/store.ts";
import { PostgresProxy } from "../support/postgres-proxy.ts";
import { PostgresServer } from "../support/postgres-server.ts";
import { RemoteFleet, WINDOW } from "../support/remote-fleet.ts";

const ELEMENTS = 2_000;
/** Each task waits until the test lets it go, unless the gate is open. */
const gate = { open: true, waiting: [] as (() => void)[], begun: [] as string[], aborted: [] as string[] };

const step = task("step", async ({ name }: { name: string }, ctx) => {
  gate.begun.push(name);
  if (gate.open) return name;
  await new Promise<void>((resolve, reject) => {
    gate.waiting.push(resolve);
    ctx.signal.addEventListener("abort", () => {
      gate.aborted.push(name);
      reject(ctx.signal.reason as Error);
    });
  });
  return name;
});
const pair = build(
  dag("pair", {}, () => {
    const first = step({ name: "first" });
    step({ name: "second" }).after(first);
  }),
);
const sides = build(
  dag("sides", {}, () => {
    step({ name: "left" });
    step({ name: "right" });
  }),
);
const list = task("list", () => Array.from({ length: ELEMENTS }, (_, i) => i));
const double = task("double", ({ i }: { i: number }) => i * 2);
const next = task("next", ({ i }: { i: number }) => i + 1);
const sum = task("sum", ({ all }: { all: readonly number[] }) => all.reduce((a, b) => a + b, 0));
const wide = build(dag("wide", {}, () => void sum({ all: next.map({ i: double.map({ i: list() }) }) })));
const remember = task("remember", async (_: object, ctx) => {
  await ctx.state.set("seen", "state");
  await ctx.memory.update<number>("count", (old = 0) => old + 1);
  console.log("remembered");
  return [await ctx.state.get("seen"), await ctx.memory.get("count")];
});
const drawers = build(dag("drawers", {}, () => void remember({})));
const routed = build(
  dag("routed", {}, () => {
    const first = step({ name: "anywhere" });
    step.with({ queue: "gpu" })({ name: "gpu" }).after(first);
  }),
);
const workflows = [pair, sides, wide, drawers, routed];

let server: PostgresServer;
let fleet: RemoteFleet;
const versions = new Map<string, VersionRecord>();

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.stop());

beforeEach(async () => {
  fleet = await RemoteFleet.open(server, workflows);
  for (const { manifest } of workflows) versions.set(manifest.name, await fleet.register(manifest));
  Object.assign(gate, { open: true, waiting: [], begun: [], aborted: [] });
});
afterEach(() => fleet.close());

const submission = (workflow: string) => ({
  version: versions.get(workflow)!,
  window: WINDOW,
  trigger: "manual" as const,
});
const letGo = () => {
  gate.open = true;
  for (const go of gate.waiting.splice(0)) go();
};
const rowsOf = async (run: string) => (await fleet.direct.loadRun(run))!.taskRuns;
const stateOf = async (run: string) => (await fleet.direct.loadRun(run))!.run.state;

async function output(run: string, place = 0): Promise<unknown> {
  const row = (await rowsOf(run)).toSorted((a, b) => a.taskId - b.taskId).at(place)!;
  const found = (await fleet.direct.readOutputs([row.id])).get(row.id);
  return found?.value.kind === "inline" ? decodeValue(found.value.text) : undefined;
}

test("a chain goes from a scheduler that runs nothing to a worker and back", async () => {
  await fleet.worker("w");
  const engine = await fleet.scheduler();
  const run = await engine.submit(submission("pair"));
  expect(await engine.ended(run)).toBe("succeeded");
  expect(gate.begun).toEqual(["first", "second"]);
  expect(await rowsOf(run)).toMatchObject([
    { worker: "w", claim: 1 },
    { worker: "w", claim: 1 },
  ]);
});

test("two workers share a map; its elements read each other's, and the join reads all", async () => {
  const [a, b] = [await fleet.worker("a"), await fleet.worker("b")];
  const loads = [a, b].map(({ store }) => countLoads(store));
  const engine = await fleet.scheduler();
  const run = await engine.submit(submission("wide"));
  expect(await engine.ended(run)).toBe("succeeded");

  const rows = await rowsOf(run);
  expect(rows.every(({ claim, attempt, losses }) => claim === 1 && attempt === 1 && losses === 0)).toBe(true);
  expect(new Set(rows.map(({ worker }) => worker))).toEqual(new Set(["a", "b"]));
  expect(await output(run, -1)).toBe(ELEMENTS * (ELEMENTS - 1) + ELEMENTS);
  // Once for each mapped task and for the join; never for an element.
  for (const count of loads) expect(count()).toBeLessThanOrEqual(4);
});

test("drawers are durable when their promise resolves, for readers on every machine", async () => {
  const { logs } = await fleet.worker("w");
  const engine = await fleet.scheduler();
  const first = await engine.submit(submission("drawers"));
  await engine.ended(first);
  const second = await engine.submit(submission("drawers"));
  expect(await engine.ended(second)).toBe("succeeded");
  expect([await output(first), await output(second)]).toEqual([
    ["state", 1],
    ["state", 2],
  ]);
  expect(logs.map(({ message }) => message)).toEqual(["remembered", "remembered"]);
});

test("a version that a worker cannot run stays queued for one that can, with the reason in its row", async () => {
  const unfit = ({ workflow }: VersionRecord) => (workflow === "pair" ? 'package "sharp" is not installed here' : null);
  const { notices } = await fleet.worker("a", { unfit });
  const engine = await fleet.scheduler();
  const other = await engine.submit(submission("drawers"));
  const run = await engine.submit(submission("pair"));
  expect(await engine.ended(other)).toBe("succeeded");

  const { hash } = versions.get("pair")!;
  const refusals = [{ workflow: "pair", version: hash, reason: 'package "sharp" is not installed here' }];
  await expect.poll(() => fleet.direct.fleet.listWorkers(9)).toMatchObject([{ name: "a", refusals }]);
  expect(await rowsOf(run)).toMatchObject([{ state: "queued", claim: 0 }]);
  expect(notices).toEqual([expect.stringContaining('"sharp" is not installed')]);
  await fleet.worker("b");
  expect(await engine.ended(run)).toBe("succeeded");
  expect(await rowsOf(run)).toMatchObject([{ worker: "b", losses: 0 }, { worker: "b" }]);
});

test("what nobody can run takes no room from what somebody can, and runs once somebody can", async () => {
  let fits = false;
  const unfit = ({ workflow }: VersionRecord) => (workflow === "pair" && !fits ? "something is missing" : null);
  const { notices } = await fleet.worker("a", { unfit, slots: 1 });
  const engine = await fleet.scheduler();
  const waiting = await Promise.all(Array.from({ length: 5 }, () => engine.submit(submission("pair"))));
  await expect.poll(() => notices).toHaveLength(1);
  expect(await engine.ended(await engine.submit(submission("drawers")))).toBe("succeeded");
  expect(await stateOf(waiting[0]!)).toBe("running");

  fits = true;
  await fleet.worker("b", { slots: 1 });
  expect(await Promise.all(waiting.map((run) => engine.ended(run)))).toEqual(Array(5).fill("succeeded"));
});

test("a version whose code cannot be had here is refused like one that does not fit", async () => {
  const codeFile = async () => {
    throw new Error("the disk is full");
  };
  const { notices } = await fleet.worker("a", { codeFile });
  const engine = await fleet.scheduler();
  const run = await engine.submit(submission("pair"));
  await expect.poll(() => notices).toEqual([expect.stringContaining("the disk is full")]);
  expect(await rowsOf(run)).toMatchObject([{ state: "queued", claim: 0 }]);
});

test("a task goes to the workers of its queue and to no other", async () => {
  await fleet.worker("a", { queues: ["default"] });
  const engine = await fleet.scheduler();
  const run = await engine.submit(submission("routed"));
  await expect.poll(() => rowsOf(run)).toMatchObject([{ state: "succeeded", worker: "a" }, { state: "queued" }]);
  await fleet.worker("b", { queues: ["gpu", "other"] });
  expect(await engine.ended(run)).toBe("succeeded");
  expect(await rowsOf(run)).toMatchObject([{ worker: "a" }, { worker: "b" }]);
});

test("a run that is cancelled stops its task on the worker: it is woken, neither poll nor beat is waited for", async () => {
  const { worker } = await fleet.worker("a", { pollMs: 600_000, leaseMs: 600_000 });
  const engine = await fleet.scheduler();
  gate.open = false;
  const run = await engine.submit(submission("pair"));
  await expect.poll(() => gate.begun).toEqual(["first"]);
  await engine.cancel(run);
  expect(await engine.ended(run)).toBe("cancelled");
  expect(gate.aborted).toEqual(["first"]);
  expect((await rowsOf(run)).map(({ state }) => state)).toEqual(["cancelled", "cancelled"]);
  expect(worker.running).toBe(0);
});

test("one task that is cancelled stops on the worker, and its run goes on", async () => {
  const { worker } = await fleet.worker("a", { pollMs: 600_000, leaseMs: 600_000 });
  const engine = await fleet.scheduler();
  gate.open = false;
  const run = await engine.submit(submission("sides"));
  await expect.poll(() => gate.begun.toSorted()).toEqual(["left", "right"]);
  await engine.control(run, { kind: "cancel_task", task: "step" });
  await expect.poll(() => gate.aborted).toEqual(["left"]);
  await expect.poll(async () => (await rowsOf(run)).map(({ state }) => state)).toEqual(["cancelled", "running"]);
  expect(gate.aborted).toEqual(["left"]);
  letGo();
  expect(await engine.ended(run)).toBe("failed");
  expect((await rowsOf(run)).map(({ state }) => state)).toEqual(["cancelled", "succeeded"]);
  expect(worker.running).toBe(0);
});

test("one task that is cancelled while its worker hears nothing stops with the next beat of its lease", async () => {
  await fleet.worker("a", { pollMs: 600_000, leaseMs: 1_500 });
  const engine = await fleet.scheduler();
  gate.open = false;
  const run = await engine.submit(submission("sides"));
  await expect.poll(() => gate.begun.toSorted()).toEqual(["left", "right"]);
  const { run: known, taskRuns } = (await fleet.direct.loadRun(run))!;
  const left = taskRuns.toSorted((a, b) => a.taskId - b.taskId)[0]!;
  const to = { drawer: "stop", taskRunId: left.id } as const;
  await fleet.direct.fleet.writeDrawers([{ taskRunId: left.id, claim: left.claim, to, value: String(left.claim) }]);
  await expect.poll(() => gate.aborted, { timeout: 30_000 }).toEqual(["left"]);
  letGo();
  await engine.ended(known.id);
  expect(gate.aborted).toEqual(["left"]);
});

test("a task whose run was cancelled while the answer to its claim was on the way does not start", async () => {
  const { store, wakeUps, worker } = await fleet.worker("a", { pollMs: 600_000, leaseMs: 600_000 });
  const [told, claimed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  // After the worker, which listens already.
  wakeUps.listen(workerChannel("a"), () => told.resolve());
  const claim = store.fleet.claimOffers.bind(store.fleet);
  store.fleet.claimOffers = async (request) => {
    const claims = await claim(request);
    if (claims.length > 0) claimed.resolve();
    if (claims.length > 0) await told.promise;
    return claims;
  };
  const engine = await fleet.scheduler();
  const run = await engine.submit(submission("pair"));
  await claimed.promise;
  await engine.cancel(run);
  expect(await engine.ended(run)).toBe("cancelled");
  expect(gate.begun).toEqual([]);
  expect(await rowsOf(run)).toMatchObject([{ state: "cancelled", claim: 1, losses: 0 }, { state: "cancelled" }]);
  expect(worker.running).toBe(0);
});

test("drain hands back what has not started, lets what runs end, and leaves no row behind", async () => {
  const { worker } = await fleet.worker("a");
  const engine = await fleet.scheduler();
  gate.open = false;
  const run = await engine.submit(submission("pair"));
  await expect.poll(() => gate.begun).toEqual(["first"]);

  const drained = worker.drain(10_000);
  letGo();
  await drained;
  await expect.poll(() => rowsOf(run)).toMatchObject([{ state: "succeeded", worker: "a" }, { state: "queued" }]);
  expect(await fleet.direct.fleet.listWorkers(9)).toEqual([]);
  expect(await stateOf(run)).toBe("running");
  await fleet.worker("b");
  expect(await engine.ended(run)).toBe("succeeded");
  expect(gate.begun).toEqual(["first", "second"]);
});

test("what does not end within the grace of a drain runs elsewhere, and costs no attempt and no loss", async () => {
  const { worker } = await fleet.worker("a");
  const engine = await fleet.scheduler();
  gate.open = false;
  const run = await engine.submit(submission("pair"));
  await expect.poll(() => gate.begun).toEqual(["first"]);
  await worker.drain(0);
  gate.open = true;
  await fleet.worker("b");
  expect(await engine.ended(run)).toBe("succeeded");
  expect(gate.begun).toEqual(["first", "first", "second"]);
  expect(await rowsOf(run)).toMatchObject([{ worker: "b", attempt: 1, losses: 0 }, {}]);
});

test("a worker that is cut off stops its tasks when its lease ends, others run them, and it goes on afterwards", async () => {
  const proxy = await PostgresProxy.start(server.port);
  const at = fleet.url.replace(String(server.port), String(proxy.port));
  const a = await fleet.worker("a", { at });
  const engine = await fleet.scheduler();
  gate.open = false;
  const run = await engine.submit(submission("pair"));
  await expect.poll(() => gate.begun).toEqual(["first"]);
  await fleet.worker("b");

  proxy.away = true;
  proxy.cut();
  await expect.poll(() => gate.aborted, { timeout: 5_000 }).toEqual(["first"]);
  await expect.poll(() => gate.begun, { timeout: 8_000 }).toEqual(["first", "first"]);
  expect(a.notices).toEqual([expect.stringContaining("could not renew its lease")]);
  letGo();
  expect(await engine.ended(run)).toBe("succeeded");
  expect(await rowsOf(run)).toMatchObject([{ worker: "b", claim: 2, losses: 1 }, { worker: "b" }]);

  proxy.away = false;
  await expect.poll(() => a.worker.running, { timeout: 5_000 }).toBe(0);
  const isAlive = async () => (await fleet.direct.fleet.listWorkers(9)).find(({ name }) => name === "a")?.alive;
  await expect.poll(isAlive, { timeout: 5_000 }).toBe(true);
  await proxy.close();
});

test("results that cannot be written are kept while the lease holds", async () => {
  const proxy = await PostgresProxy.start(server.port);
  await fleet.worker("a", { at: fleet.url.replace(String(server.port), String(proxy.port)), leaseMs: 30_000 });
  const engine = await fleet.scheduler();
  gate.open = false;
  const run = await engine.submit(submission("pair"));
  await expect.poll(() => gate.begun).toEqual(["first"]);
  proxy.away = true;
  proxy.cut();
  letGo();
  await expect.poll(() => gate.begun, { timeout: 300 }).toEqual(["first"]);
  proxy.away = false;
  expect(await engine.ended(run)).toBe("succeeded");
  expect(await rowsOf(run)).toMatchObject([{ claim: 1, losses: 0 }, { claim: 1 }]);
  await proxy.close();
});

test("a claim whose answer got lost is not lost with it", async () => {
  const proxy = await PostgresProxy.start(server.port);
  await fleet.worker("a", { at: fleet.url.replace(String(server.port), String(proxy.port)), leaseMs: 30_000 });
  const engine = await fleet.scheduler();
  await engine.ended(await engine.submit(submission("drawers")));
  proxy.loseAnswerTo(/claim_offers/);
  const run = await engine.submit(submission("pair"));
  expect(await engine.ended(run)).toBe("succeeded");
  expect(gate.begun).toEqual(["first", "second"]);
  await proxy.close();
});

test("a claim that arrives long after it was given up is noticed, and its task runs all the same", async () => {
  const proxy = await PostgresProxy.start(server.port);
  const at = fleet.url.replace(String(server.port), String(proxy.port));
  const { worker } = await fleet.worker("a", { at, leaseMs: 30_000, slots: 1 });
  const engine = await fleet.scheduler();
  await engine.ended(await engine.submit(submission("pair")));
  gate.begun = [];
  proxy.holdBack(/claim_offers/);
  await expect.poll(() => proxy.held).toBe(1);
  // It has no room for another one, so nobody but the question that was held back claims the second.
  gate.open = false;
  const first = await engine.submit(submission("pair"));
  await expect.poll(() => gate.begun).toEqual(["first"]);
  const second = await engine.submit(submission("pair"));
  proxy.release();
  await expect.poll(() => rowsOf(second)).toMatchObject([{ state: "running", worker: "a" }]);
  expect(gate.begun).toEqual(["first"]);

  letGo();
  expect([await engine.ended(first), await engine.ended(second)]).toEqual(["succeeded", "succeeded"]);
  expect(await rowsOf(second)).toMatchObject([{ claim: 2, attempt: 1, losses: 0 }, {}]);
  await worker.drain(0);
  await proxy.close();
});

test("a worker whose claim was taken away lets go of it, and runs the next one only after that", async () => {
  const a = await fleet.worker("a");
  const engine = await fleet.scheduler();
  gate.open = false;
  const run = await engine.submit(submission("pair"));
  await expect.poll(() => gate.begun).toEqual(["first"]);
  // As if its lease had ended for the others alone: it goes on beating, and what it runs is lost.
  const [row] = await rowsOf(run);
  const error = { name: "WorkerLost", message: "as far as the others can tell" };
  const message = { kind: "lost", taskRunId: row!.id, claim: 1, error, counts: true } as const;
  await fleet.direct.fleet.addResults([encodeResult(run, "a", message)]);

  await expect.poll(() => gate.aborted, { timeout: 5_000 }).toEqual(["first"]);
  await expect.poll(() => gate.begun, { timeout: 5_000 }).toEqual(["first", "first"]);
  letGo();
  expect(await engine.ended(run)).toBe("succeeded");
  expect(await rowsOf(run)).toMatchObject([{ claim: 2, losses: 1 }, { claim: 1 }]);
  expect(a.worker.running).toBe(0);
});

test("a worker that the store refuses for good says so and stops", async () => {
  const { worker, store } = await fleet.worker("a");
  store.fleet.keepWorker = () => Promise.reject(new TuttiError("STORE_TOO_NEW", "made by a newer release"));
  await expect(worker.ended).rejects.toMatchObject({ code: "STORE_TOO_NEW" });
  await worker.drain(0);
});

/** How often it loads a whole run from now on. */
function countLoads(store: { loadRun(id: string): Promise<unknown> }): () => number {
  let count = 0;
  const load = store.loadRun.bind(store);
  store.loadRun = (id) => {
    count += 1;
    return load(id);
  };
  return () => count;
}
