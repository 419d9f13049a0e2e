import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TaskOutcome } from "../../src/core/decide.ts";
import { compileGraph, type Graph } from "../../src/core/graph.ts";
import type { WorkflowManifest } from "../../src/core/manifest.ts";
import type { RetryPolicy } from "../../src/core/retry-policy.ts";
import { encodeValue } from "../../src/core/value-codec.ts";
import { inputIds, inputValues } from "../../src/engine/inputs.ts";
import { LiveRun } from "../../src/engine/live-run.ts";
import { liveVersion } from "../../src/engine/live-version.ts";
import { ValueCache } from "../../src/engine/value-cache.ts";
import type { HostListener, WorkerHost } from "../../src/engine/worker-host.ts";
import type { Assignment, ParsedParams } from "../../src/runtime/protocol.ts";
import type { PostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { decidedResult } from "../support/model-run.ts";
import { PostgresServer } from "../support/postgres-server.ts";
import { randomManifest } from "../support/random-manifest.ts";
import { RemoteFleet, WINDOW } from "../support/remote-fleet.ts";

const RUNS = 60;
const SEED = Number(process.env["TUTTI_SEED"] ?? 7);

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.stop());

/** Ends every task as its place says, once its inputs are what the whole run, read from the store, gives it. */
class CheckingHost implements WorkerHost {
  readonly slots = 8;
  readonly name: string;
  readonly started: string[] = [];
  readonly wrong: unknown[] = [];
  readonly #store: () => PostgresStore;
  readonly #graphs: ReadonlyMap<number, Graph>;
  #listener: HostListener | null = null;

  constructor(name: string, store: () => PostgresStore, graphs: ReadonlyMap<number, Graph>) {
    this.name = name;
    this.#store = store;
    this.#graphs = graphs;
  }

  listen(listener: HostListener): void {
    this.#listener = listener;
  }

  start(tasks: readonly Assignment[]): void {
    for (const task of tasks) void this.#check(task);
  }

  reserve(): () => void {
    return () => {};
  }
  openRun(): void {}
  forgetRun(): void {}
  share(): void {}
  abort(): void {}
  async close(): Promise<void> {}
  async tell() {
    return null;
  }
  async parseParams(): Promise<ParsedParams> {
    return { ok: true, params: null, lists: null };
  }

  async askTrigger(): Promise<never> {
    throw new Error("these workflows have no triggers");
  }

  async #check(task: Assignment): Promise<void> {
    const store = this.#store();
    const loaded = (await store.loadRun(task.runId))!;
    const version = liveVersion((await store.getVersion(loaded.run.versionId))!, "");
    const run = new LiveRun(version, loaded.run, loaded.taskRuns);
    const instance = run.instanceAt(task.task, task.mapIndex)!;
    const outputs = await new ValueCache(store).read(inputIds(run, instance));
    const values = inputValues(run, instance, outputs, new ValueCache(store));
    const given = { claim: task.claim, attempt: task.attempt, values: read(version.graph, task.task, task.values) };
    const expected = {
      claim: instance.claim,
      attempt: instance.attempt,
      values: read(version.graph, task.task, values),
    };
    if (!isDeepStrictEqual(given, expected)) this.wrong.push({ given, expected });
    this.started.push(`${task.taskRunId}/${task.claim}`);
    this.#listener!.finished({
      kind: "finished",
      taskRunId: task.taskRunId,
      claim: task.claim,
      startedAt: 1,
      endedAt: 2,
      outcome: outcomeOf(this.#graphs.get(loaded.run.versionId)!, task),
    });
  }
}

/** One in four fails; what it returns names the claim, so that a value of another execution shows. */
function outcomeOf(graph: Graph, { task, mapIndex, attempt, taskRunId, claim }: Assignment): TaskOutcome {
  const dice = (task * 31 + (mapIndex ?? 0) * 17 + attempt * 7 + claim * 3) % 8;
  const error = { name: "Error", message: "decided" };
  if (dice === 0) return { state: "failed", error, rule: null, retryAfterMs: null, final: false };
  if (dice === 1) return { state: "skipped", reason: "decided" };
  const length = (task * 7 + (mapIndex ?? 0)) % 4;
  const text = encodeValue(Array.from({ length }, (_, place) => `${taskRunId}/${claim}/${place}`));
  return { state: "succeeded", output: { kind: "inline", text }, ...decidedResult(graph, task, mapIndex) };
}

/** Without the parts that no source reads: they may be there or not. */
function read(graph: Graph, ordinal: number, values: Assignment["values"]): object {
  const { manifest, each } = graph.tasks[ordinal]!;
  const { element, ...rest } = values;
  const isOwn = (key: string) =>
    key.startsWith("settled:") && each !== null && graph.tasks[Number(key.slice("settled:".length))]!.each === each;
  const parts = Object.entries(rest).filter(([key]) => !isOwn(key));
  if (manifest.map || JSON.stringify(manifest.input).includes('"element"')) parts.push(["element", element!]);
  return Object.fromEntries(parts);
}

/** Groups run again while something in them fails, and nothing waits. */
function restless(manifest: WorkflowManifest, name: string): WorkflowManifest {
  const policy: RetryPolicy = { limit: 2, backoff: "fixed", delayMs: 1, maxDelayMs: 1, jitter: "none", on: [] };
  const tasks = manifest.tasks.map((task) => ({ ...task, retries: task.retries && { ...policy, limit: 1 } }));
  return { ...manifest, name, tasks, groups: manifest.groups.map((group) => ({ ...group, retries: policy })) };
}

test(`random graphs on two workers: every task gets what the whole run would give it (seed ${SEED})`, async () => {
  const fleet = await RemoteFleet.open(server);
  const graphs = new Map<number, Graph>();
  const hosts = ["a", "b"].map((name) => new CheckingHost(name, () => fleet.direct, graphs));
  for (const host of hosts) await fleet.worker(host.name, { host: () => host, leaseMs: 30_000 });
  const engine = await fleet.scheduler();
  const manifests = fc.sample(randomManifest(12), { numRuns: RUNS, seed: SEED });
  const runs = await Promise.all(
    manifests.map(async (manifest, place) => {
      const version = await fleet.register(restless(manifest, `random_${place}`));
      graphs.set(version.id, compileGraph(version.manifest));
      return engine.submit({ version, window: WINDOW, trigger: "manual" });
    }),
  );
  const ends = await Promise.all(runs.map((run) => engine.ended(run)));
  await fleet.close();

  expect(hosts.flatMap(({ wrong }) => wrong)).toEqual([]);
  expect(new Set(ends)).toEqual(new Set(["succeeded", "failed"]));
  const started = hosts.flatMap((host) => host.started);
  expect(new Set(started).size).toBe(started.length);
  expect(started.length).toBeGreaterThan(RUNS);
});
