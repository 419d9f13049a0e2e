import { afterEach, expect, test } from "vitest";
import { build } from "../authoring/build.ts";
import { dag } from "../authoring/dag.ts";
import { manifestHash } from "../authoring/manifest-hash.ts";
import { task } from "../authoring/task.ts";
import type { Workflow } from "../authoring/workflow.ts";
import { momentWindow } from "../core/window.ts";
import type { ControlRequest } from "../engine/control-request.ts";
import { Engine } from "../engine/engine.ts";
import { explainRun } from "../engine/explain/explain-run.ts";
import type { ProcessRecord } from "../store/process-list.ts";
import { openSqliteStore } from "../store/sqlite/open-sqlite-store.ts";
import { fakeClock } from "./fake-clock.ts";
import { InlineHost } from "./inline-host.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const turns = async (count = 20): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

const ALIVE = { alive: true, roles: ["scheduler", "worker"], queues: [], slots: 4 } as unknown as ProcessRecord;

/** One workflow on a real engine, in memory. */
async function play(workflow: Workflow, pools: Readonly<Record<string, number>> = {}) {
  const built = build(workflow);
  const clock = fakeClock("2026-01-01T00:00Z");
  const store = await openSqliteStore({ path: ":memory:", clock });
  const host = new InlineHost(built, { artifactsDir: "/nowhere", clock, slots: 4 });
  const logs = { write() {}, flush() {} };
  const engine: Engine = new Engine({
    store,
    host,
    clock,
    codeFile: async () => "",
    logs,
    onOust: ({ runId, task: name, mapIndex }) =>
      void engine.control(runId, { kind: "cancel_task", task: name, ...(mapIndex !== null && { index: mapIndex }) }),
  });
  closers.push(
    () => store.close(),
    () => engine.close(0),
  );
  await store.limits.ensure(
    Object.entries(pools).map(([name, slots]) => ({ name, slots })),
    clock.now(),
  );
  const { manifest } = built;
  const code = { hash: manifestHash(manifest), code: "", map: null };
  const version = await store.registerVersion({
    hash: code.hash,
    manifest,
    bundle: code,
    file: "test",
    outside: {},
    createdAt: clock.now(),
  });
  const submit = () => engine.submit({ version, window: momentWindow(clock.now()), trigger: "manual" });
  return {
    clock,
    engine,
    store,
    submit,
    states: async (id: string) => {
      const detail = (await store.reader().runDetail(id))!;
      const states = detail.taskRuns.map(({ task: name, mapIndex, state }) => [
        mapIndex === null ? name : `${name}[${mapIndex}]`,
        state,
      ]);
      return { run: detail.run.state, generation: detail.run.generation, ...Object.fromEntries(states) };
    },
    control: (id: string, request: ControlRequest) => engine.control(id, request),
    why: (id: string, name?: string) =>
      explainRun(store.reader(), id, { processes: [ALIVE], ...(name !== undefined && { task: name }) }),
  };
}

/** A gate that tasks wait at, and that their abort opens. */
function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const pass = (signal: AbortSignal): Promise<void> =>
    Promise.race([
      opened,
      new Promise<void>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))),
    ]);
  return { open: () => open(), pass };
}

test("one task is cancelled, what needs it does not run, and the rest goes on", async () => {
  const door = gate();
  const slow = task("slow", (_: void, ctx) => door.pass(ctx.signal));
  const needs = task("needs", () => 1);
  const other = task("other", () => 2);
  const world = await play(
    dag("w", {}, () => {
      needs().after(slow());
      other();
    }),
  );
  const id = await world.submit();
  await turns();
  expect(await world.control(id, { kind: "cancel_task", task: "slow" })).toEqual({
    run: "running",
    tasks: [{ task: "slow", mapIndex: null, state: "running" }],
  });
  expect(await world.engine.ended(id)).toBe("failed");
  expect(await world.states(id)).toMatchObject({ slow: "cancelled", needs: "upstream_failed", other: "succeeded" });
  await expect(world.control(id, { kind: "cancel_task", task: "slow" })).rejects.toMatchObject({ code: "RUN_ENDED" });
  await expect(world.control(id, { kind: "cancel_task", task: "none" })).rejects.toMatchObject({
    code: "TASK_NOT_FOUND",
  });
});

test("a failed task that is marked as succeeded lets what never ran because of it run, in a new generation", async () => {
  const broken = task("broken", () => {
    throw new Error("no table");
  });
  const after = task("after", () => 3);
  const done = task("done", () => 4);
  const world = await play(
    dag("w", {}, () => {
      after().after(broken());
      done();
    }),
  );
  const id = await world.submit();
  await world.engine.ended(id);
  expect(await world.states(id)).toMatchObject({ run: "failed", broken: "failed", after: "upstream_failed" });
  const reason = "marked by test";
  await world.control(id, { kind: "mark_task", task: "broken", as: "succeeded", reason });
  expect(await world.engine.ended(id)).toBe("succeeded");
  expect(await world.states(id)).toMatchObject({ generation: 2, broken: "succeeded", after: "succeeded" });

  await world.control(id, { kind: "mark_task", task: "done", as: "failed", reason });
  expect(await world.engine.ended(id)).toBe("failed");
  expect((await world.why(id)).tasks).toMatchObject([
    { task: "done", reasons: [{ kind: "failed", error: { code: "MARKED", message: reason } }] },
  ]);
  await world.control(id, { kind: "mark_task", task: "done", as: "skipped", reason });
  expect(await world.engine.ended(id)).toBe("succeeded");
  // What happened before stays: one line for each execution, in the generation it was in.
  expect(await world.store.reader().attempts(id)).toMatchObject([
    { task: "broken", generation: 1, outcome: "failed" },
    { task: "done", generation: 1 },
    { task: "after", generation: 2 },
  ]);
});

test("a task that only waits is skipped by a mark, and what runs is not marked", async () => {
  const door = gate();
  const first = task("first", (_: void, ctx) => door.pass(ctx.signal));
  const second = task("second", () => 1);
  const third = task("third", () => 2);
  const world = await play(
    dag("w", {}, () => {
      third().after(second().after(first())).when("all_done");
    }),
  );
  const id = await world.submit();
  await turns();
  const mark = { kind: "mark_task", as: "skipped", reason: "not today" } as const;
  await expect(world.control(id, { ...mark, task: "first" })).rejects.toMatchObject({ code: "TASK_RUN_RUNNING" });
  await world.control(id, { ...mark, task: "second" });
  door.open();
  expect(await world.engine.ended(id)).toBe("succeeded");
  expect(await world.states(id)).toMatchObject({ first: "succeeded", second: "skipped", third: "succeeded" });
});

test("one task runs again with what comes after it, or alone; of a running run nothing does", async () => {
  const ran: string[] = [];
  const door = gate();
  const a = task("a", async (_: void, ctx) => {
    await door.pass(ctx.signal);
    ran.push("a");
  });
  const b = task("b", () => void ran.push("b"));
  const c = task("c", () => void ran.push("c"));
  const d = task("d", () => void ran.push("d"));
  const world = await play(
    dag("w", {}, () => {
      c().after(b().after(a()));
      d();
    }),
  );
  const id = await world.submit();
  const clear = { kind: "clear_tasks", tasks: ["b"] } as const;
  await expect(world.control(id, { ...clear, downstream: true })).rejects.toMatchObject({ code: "RUN_NOT_ENDED" });
  door.open();
  await world.engine.ended(id);
  ran.length = 0;
  await world.control(id, { ...clear, downstream: true });
  expect(await world.engine.ended(id)).toBe("succeeded");
  expect(ran).toEqual(["b", "c"]);
  ran.length = 0;
  await world.control(id, { ...clear, downstream: false });
  await world.engine.ended(id);
  expect(ran).toEqual(["b"]);
  expect(await world.states(id)).toMatchObject({ generation: 3 });
});

test('with onLimit: "cancel_oldest" the one that has run longest ends, and the next takes its place', async () => {
  const door = gate();
  const work = task("work", { concurrency: { limit: 1, onLimit: "cancel_oldest" } }, (_: void, ctx) =>
    door.pass(ctx.signal),
  );
  const world = await play(dag("w", {}, () => void work()));
  const [first, second] = [await world.submit(), await world.submit()];
  await turns(60);
  expect(await world.engine.ended(first)).toBe("failed");
  expect(await world.states(first)).toMatchObject({ work: "cancelled" });
  await turns();
  expect(await world.states(second)).toMatchObject({ work: "running" });
  door.open();
  expect(await world.engine.ended(second)).toBe("succeeded");
});

test("why a task has not started is told: its limit with holder and place, its upstream, its timer", async () => {
  const door = gate();
  const holder = task("holder", { pool: "db" }, (_: void, ctx) => door.pass(ctx.signal));
  const last = task("last", () => 1);
  const nap = task("nap", async (_: void, ctx) => ctx.sleep("2h"));
  const flaky = task(
    "flaky",
    { retries: { limit: 2, delay: "1h", backoff: "fixed", jitter: "none" } },
    (_: void, ctx) => {
      if (ctx.attempt === 1) throw new Error("not yet");
    },
  );
  const world = await play(
    dag("w", {}, () => {
      last().after(holder());
      nap();
      flaky();
    }),
    { db: 1 },
  );
  const first = await world.submit();
  await turns();
  const second = await world.submit();
  await turns();
  await world.clock.advance("1s");
  const third = await world.submit();
  await turns();
  const [{ reasons } = { reasons: [] }] = (await world.why(third, "holder")).tasks;
  expect(reasons).toMatchObject([
    {
      kind: "limit",
      limit: "pool",
      name: "db",
      used: 1,
      max: 1,
      holders: [{ runId: first, task: "holder" }],
      ahead: 1,
    },
  ]);
  expect((await world.why(second, "holder")).tasks[0]!.reasons).toMatchObject([{ ahead: 0 }]);
  expect((await world.why(second, "last")).tasks).toMatchObject([
    {
      state: "waiting",
      reasons: [{ kind: "upstream", rule: "all_success", waitsFor: [{ task: "holder", state: "queued" }] }],
    },
  ]);
  const due = world.clock.now() + 2 * 3_600_000_000 - 1_000_000;
  expect((await world.why(second, "nap")).tasks[0]!.reasons).toEqual([
    { kind: "timer", what: "sleep", until: due, error: null, attempt: 1, checks: null },
  ]);
  expect((await world.why(second, "flaky")).tasks[0]!.reasons).toMatchObject([
    { kind: "timer", what: "retry", attempt: 2, error: { message: "not yet" } },
  ]);
  expect((await world.why(first)).tasks.map(({ task: name }) => name)).toContain("holder");
  await expect(world.why(first, "none")).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
  door.open();
});

test("why a task never ran leads to what failed first", async () => {
  const a = task("a", () => {
    throw new Error("no table");
  });
  const b = task("b", () => 1);
  const c = task("c", () => 2);
  const world = await play(dag("w", {}, () => void c().after(b().after(a()))));
  const id = await world.submit();
  await world.engine.ended(id);
  expect((await world.why(id, "c")).tasks).toMatchObject([
    {
      state: "upstream_failed",
      reasons: [{ kind: "upstream_failed", causes: [{ task: "a", error: { message: "no table" } }] }],
    },
  ]);
});

test("a pool that is made larger lets those go on that wait for it", async () => {
  const door = gate();
  const work = task("work", { pool: "db" }, (_: void, ctx) => door.pass(ctx.signal));
  const world = await play(
    dag("w", {}, () => void work()),
    { db: 1 },
  );
  const [first, second] = [await world.submit(), await world.submit()];
  await turns();
  expect([await world.states(first), await world.states(second)]).toMatchObject([
    { work: "running" },
    { work: "queued" },
  ]);
  await world.store.limits.resize({ name: "db", slots: 2, by: "test", at: 1 });
  world.engine.limitsChanged();
  await turns();
  expect(await world.states(second)).toMatchObject({ work: "running" });
  door.open();
});
