import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { asset } from "../authoring/asset.ts";
import { branch } from "../authoring/branch.ts";
import { dag } from "../authoring/dag.ts";
import { flow } from "../authoring/flow.ts";
import { task } from "../authoring/task.ts";
import type { Engine } from "../engine/engine.ts";
import { explainRun } from "../engine/explain/explain-run.ts";
import { cacheStage, DAY, output } from "./cache-stage.test-data.ts";
import type { FakeClock } from "./fake-clock.ts";
import { closeStages, stage, turn } from "./restart-stage.test-data.ts";
import { runWorkflow } from "./run-workflow.ts";
import { simulate } from "./simulate.ts";

afterEach(closeStages);

/** A task that counts how often its code runs. */
function counted<R>(make: (input: { n: number }) => R, name = "work") {
  const seen: number[] = [];
  const work = task(name, { cacheFor: "1d" }, async (input: { n: number }) => {
    seen.push(input.n);
    return make(input);
  });
  return { seen, work };
}

/** Whenever nothing runs, the clock goes on to what is due, until it is over. */
async function toItsEnd(running: Promise<unknown>, engine: Engine, clock: FakeClock): Promise<void> {
  const over = running.then(() => true);
  while (!(await Promise.race([over, turn().then(() => false)]))) {
    const next = clock.nextDue();
    if (next !== null && engine.idle) clock.turnTo(next);
  }
}

const double = () => counted(({ n }) => ({ twice: n * 2, at: new Date(0) }));
const params = z.object({ n: z.number() });

test("a task with the same input takes the value that is there, and says whose it is", async () => {
  const { seen, work } = double();
  const next = task("next", ({ twice }: { twice: number }) => twice + 1);
  const { run, lines, store } = await cacheStage(dag("w", {}, () => void next({ twice: work({ n: 2 }).twice })));

  const [first, second] = [await run(), await run()];

  expect(seen).toEqual([2]);
  expect(second).toMatchObject({ state: "succeeded", rows: { work: { state: "succeeded", attempt: 1 } } });
  expect(output(second.rows["work"])).toEqual({ twice: 4, at: new Date(0) });
  expect(output(second.rows["next"])).toBe(5);
  const from = { runId: first.id, taskRunId: first.rows["work"]!.id, claim: 1, firstClaim: 1 };
  expect(second.rows["work"]!.cached).toMatchObject(from);
  expect(first.rows["work"]!.cached).toBeUndefined();
  expect(lines.filter(({ runId }) => runId === second.id).map(({ message }) => message)).toEqual([
    `Took the value that run ${first.id} made at 2026-01-01T00:00:00.000Z: input and code are the same.`,
  ]);
  const { tasks } = await explainRun(store.reader(), second.id, { processes: [], task: "work" });
  expect(tasks[0]!.reasons).toMatchObject([{ kind: "succeeded", cached: { runId: first.id } }]);
});

test("another input is another value, whoever asked for the first one", async () => {
  const { seen, work } = double();
  const { run } = await cacheStage(dag("w", { params }, ({ params: { n } }) => void work({ n })));

  for (const n of [1, 2, 1, 2])
    expect(output((await run({ params: { n } })).rows["work"])).toMatchObject({ twice: 2 * n });

  expect(seen).toEqual([1, 2]);
});

test("it counts from when the value was made, not from when it was taken last", async () => {
  const { seen, work } = double();
  const { run, clock } = await cacheStage(dag("w", {}, () => void work({ n: 1 })));

  await run();
  await clock.advance("16h");
  await run();
  expect(seen).toHaveLength(1);
  await clock.advance("8h");
  await run();
  expect(seen).toHaveLength(2);
});

test("what the code asks of its run is a part of what its value is known by; what it does not ask is none", async () => {
  const seen: string[] = [];
  const dated = task("dated", { cacheFor: "1d" }, async (_: void, ctx) => void seen.push(`dated ${ctx.date}`));
  const tuned = task("tuned", { cacheFor: "1d" }, async (_: void, { params: given }) => {
    seen.push(`tuned ${(given as { n: number }).n}`);
  });
  const plain = task("plain", { cacheFor: "1d" }, async () => void seen.push("plain"));
  const { run, window } = await cacheStage(
    dag("w", { params }, () => {
      dated();
      tuned();
      plain();
    }),
  );
  const tomorrow = { ...window, start: window.start + DAY, end: window.end + DAY, date: "2026-01-02" };

  await run({ params: { n: 1 } });
  expect(seen.splice(0).toSorted()).toEqual(["dated 2026-01-01", "plain", "tuned 1"]);
  await run({ params: { n: 1 }, window: tomorrow });
  expect(seen.splice(0)).toEqual(["dated 2026-01-02"]);
  await run({ params: { n: 2 }, window: tomorrow });
  expect(seen.splice(0)).toEqual(["tuned 2"]);
  await run({ params: { n: 1 } });
  expect(seen).toEqual([]);
});

test("each element of a map is known by its own input, wherever it stands", async () => {
  const { seen, work } = double();
  const list = z.object({ all: z.array(z.number()) });
  const { run } = await cacheStage(dag("w", { params: list }, ({ params: { all } }) => void work.map({ n: all })));

  await run({ params: { all: [1, 2] } });
  const { rows } = await run({ params: { all: [3, 2, 1] } });

  expect(new Set(seen)).toEqual(new Set([1, 2, 3]));
  expect(seen).toHaveLength(3);
  expect([0, 1, 2].map((index) => rows[`work[${index}]`]!.cached === undefined)).toEqual([true, false, false]);
  expect([0, 1, 2].map((index) => output(rows[`work[${index}]`]))).toMatchObject([
    { twice: 6 },
    { twice: 4 },
    { twice: 2 },
  ]);
});

test("lists that are mapped over, and the arms of a branch behind it, are as they were", async () => {
  const { seen, work } = counted(({ n }) => ({ rows: Array.from({ length: n }, (_, row) => row) }));
  const each = task("each", ({ row }: { row: number }) => row);
  const { run } = await cacheStage(
    dag("w", {}, () => {
      const made = work({ n: 3 });
      each.map({ row: made.rows });
      branch("size", ({ rows }: { rows: readonly number[] }) => (rows.length > 2 ? "many" : "few"))({
        rows: made.rows,
      }).to({
        many: task("many", () => 1)(),
        few: task("few", () => 2)(),
      });
    }),
  );

  await run();
  const { rows } = await run();

  expect(seen).toEqual([3]);
  expect(["each[0]", "each[2]", "many", "few"].map((name) => rows[name]!.state)).toEqual([
    "succeeded",
    "succeeded",
    "succeeded",
    "skipped",
  ]);
});

test("two that run at once both run, and the next takes one of their values", async () => {
  const { seen, work } = double();
  const { run } = await cacheStage(dag("w", {}, () => void work({ n: 1 })));

  const both = await Promise.all([run(), run()]);
  const third = await run();

  expect(both.map(({ state }) => state)).toEqual(["succeeded", "succeeded"]);
  expect(both.map(({ id }) => id)).toContain(third.rows["work"]!.cached!.runId);
  expect(seen.length).toBeLessThanOrEqual(2);
});

test("what failed, or was skipped, is no value", async () => {
  let tries = 0;
  const odd = task("odd", { cacheFor: "1d" }, async (_: void, ctx) => {
    tries += 1;
    if (tries === 1) throw new Error("no such file");
    if (tries === 2) ctx.skip("nothing new");
    return tries;
  });
  const { run } = await cacheStage(dag("w", {}, () => void odd()));

  const states = [];
  for (let time = 0; time < 4; time += 1) states.push((await run()).rows["odd"]!.state);

  expect(states).toEqual(["failed", "skipped", "succeeded", "succeeded"]);
  expect(tries).toBe(3);
});

test("a task that waited has a value, and the tasks of a flow take theirs", async () => {
  // A flow finds the tasks of its process by their names.
  const { seen, work } = counted(({ n }) => n, "asked_for");
  const nap = task("nap", { cacheFor: "1d" }, async (_: void, ctx) => {
    seen.push(0);
    await ctx.sleep("1h");
    return "slept";
  });
  const body = flow("w", {}, async (_: unknown, ctx) => {
    await ctx.run(nap);
    return ctx.run(work, { n: 1 });
  });
  const { run, engine, clock } = await cacheStage(body);

  const first = run();
  await toItsEnd(first, engine, clock);
  expect(await first).toMatchObject({ state: "succeeded" });
  expect(await run()).toMatchObject({ state: "succeeded" });

  expect(seen).toEqual([0, 1]);
});

test("a task that waits goes on where it was, whatever others have made meanwhile", async () => {
  let isShort = false;
  const seen: string[] = [];
  const nap = task("nap", { cacheFor: "1d" }, async (_: void, ctx) => {
    if (!isShort) await ctx.sleep("1h");
    seen.push(isShort ? "short" : "long");
  });
  const { start, store, version, window, clock, sleeps } = await stage(dag("w", {}, () => void nap()));
  const before = start();
  const id = await before.submit({ version, window, trigger: "manual" });
  await sleeps(id);
  await before.close(0);
  const after = start();
  isShort = true;
  await after.ended(await after.submit({ version, window, trigger: "manual" }));
  isShort = false;
  await after.resume(id);
  const ended = after.ended(id);
  await toItsEnd(ended, after, clock);

  expect(await ended).toBe("succeeded");
  expect(seen).toEqual(["short", "long"]);
  expect((await store.reader().runDetail(id))!.taskRuns[0]!.cached).toBeUndefined();
});

describe("a run that is to be made anew", () => {
  test("takes no value when it is started so, and what it makes is taken by others", async () => {
    const { seen, work } = double();
    const { run, clock } = await cacheStage(dag("w", {}, () => void work({ n: 1 })));

    await run();
    await clock.advance("1s");
    const anew = await run({ fresh: true });
    const after = await run();

    expect(seen).toHaveLength(2);
    expect(after.rows["work"]!.cached!.runId).toBe(anew.id);
  });

  test("takes none after a retry from the first task, where nothing had succeeded neither", async () => {
    const { seen, work } = double();
    let isBroken = false;
    const before = task("before", () => {
      if (isBroken) throw new Error("broken");
    });
    const { run, again } = await cacheStage(dag("w", {}, () => void work({ n: 1 }).after(before())));
    await run();
    isBroken = true;
    const failed = await run();
    isBroken = false;

    expect(failed.rows["work"]!.state).toBe("upstream_failed");
    await again(failed.id, { fresh: true });

    expect(seen).toHaveLength(2);
  });

  test("a retry of what failed takes what others have made meanwhile", async () => {
    let isBroken = true;
    let runs = 0;
    const work = task("work", { cacheFor: "1d" }, () => {
      runs += 1;
      if (isBroken) throw new Error("broken");
      return runs;
    });
    const { run, again } = await cacheStage(dag("w", {}, () => void work()));
    const failed = await run();
    isBroken = false;
    await run();

    const { rows } = await again(failed.id);

    expect(runs).toBe(2);
    expect(output(rows["work"])).toBe(2);
  });

  test("a task whose success was thrown away runs, and its former value is nobody's any more", async () => {
    const { seen, work } = double();
    const { run, clear } = await cacheStage(dag("w", {}, () => void work({ n: 1 })));
    const first = await run();
    const second = await run();

    await clear(second.id, "work");
    expect(seen).toHaveLength(2);
    await clear(first.id, "work");
    expect(seen).toHaveLength(3);

    const third = await run();
    expect(seen).toHaveLength(3);
    expect([first.id, second.id]).toContain(third.rows["work"]!.cached!.runId);
  });

  test("what somebody marked as succeeded has no value to take", async () => {
    const { seen, work } = double();
    const { run, mark } = await cacheStage(dag("w", {}, () => void work({ n: 1 })));
    const { id } = await run();

    await mark(id, "work");
    await run();

    expect(seen).toHaveLength(2);
  });
});

test("nothing has happened where nothing ran: no event, no update of an asset", async () => {
  const sales = asset("warehouse://sales");
  const work = task("work", { cacheFor: "1d", produces: sales }, async (_: void, ctx) => {
    ctx.emit("sales.loaded");
  });
  const { run, store } = await cacheStage(dag("w", {}, () => void work()));

  await run();
  const before = await store.reader().listEvents({ limit: 10 });
  await run();

  expect(before.map(({ name }) => name).toSorted()).toEqual(["sales.loaded", "warehouse://sales"]);
  expect(await store.reader().listEvents({ limit: 10 })).toHaveLength(2);
});

describe("what a value refers to", () => {
  const files = () => {
    let runs = 0;
    const write = task("write", { cacheFor: "90d" }, async (_: void, ctx) => {
      runs += 1;
      return { file: await ctx.artifact("rows").write([{ runs }]) };
    });
    const large = task("large", { cacheFor: "90d" }, () => "x".repeat(300_000));
    const read = task("read", async ({ file, text }: { file: { json(): Promise<unknown> }; text: string }) => {
      return { first: await file.json(), length: text.length };
    });
    const made = dag("w", {}, () => {
      read({ file: write().file as never, text: large() });
    });
    return { made, runs: () => runs };
  };

  test("stays while a younger run has the value, and its run with it; then both go", async () => {
    const { made, runs } = files();
    const { run, clock, prune, read, folder } = await cacheStage(made);
    const first = await run();
    await clock.advance("30d");
    const second = await run();
    expect(runs()).toBe(1);

    expect(await prune({ days: 20 })).toMatchObject({ runs: 0, artifacts: 0 });
    expect(existsSync(join(folder, first.id))).toBe(true);
    expect(output(second.rows["read"])).toEqual({ first: { runs: 1 }, length: 300_000 });

    await clock.advance("30d");
    expect(await prune({ days: 20 })).toMatchObject({ runs: 2 });
    expect(existsSync(join(folder, first.id))).toBe(false);
    await expect(read(first.id)).rejects.toThrow();
    expect((await run()).rows["write"]!.cached).toBeUndefined();
    expect(runs()).toBe(2);
  });

  test("goes when it is old enough and no other run has it; nobody takes the value then", async () => {
    const { made, runs } = files();
    const { run, clock, prune, lines } = await cacheStage(made);
    await run();
    await clock.advance("30d");

    expect(await prune({ artifactDays: 20 })).toMatchObject({ runs: 0, artifacts: 1 });
    const { rows } = await run();

    expect(rows["write"]!.cached).toBeUndefined();
    expect(rows["read"]!.state).toBe("succeeded");
    expect(runs()).toBe(2);
    // It was not found, instead of found broken.
    expect(lines).toEqual([]);
  });

  test("stays when its task run is made anew", async () => {
    const { made, runs } = files();
    const { run, clear, sweep } = await cacheStage(made);
    const first = await run();
    const second = await run();
    await clear(first.id, "write");
    await sweep(first.id);

    const { rows } = await clear(second.id, "read");

    expect(runs()).toBe(2);
    expect(output(rows["read"])).toEqual({ first: { runs: 1 }, length: 300_000 });
  });

  test("and is there no more, by a hand from outside: the code runs, and says why", async () => {
    const { made, runs } = files();
    const { run, folder, lines } = await cacheStage(made);
    const { id } = await run();
    rmSync(join(folder, id), { recursive: true });

    const second = await run();

    expect(second.state).toBe("succeeded");
    expect(runs()).toBe(2);
    expect(lines.map(({ level, message }) => `${level} ${message}`)).toContainEqual(
      expect.stringMatching(`^warn The value that run ${id} made can't be taken: artifact:.* is there no more\\.$`),
    );
  });
});

test("a test of a workflow sees what took a value, and a simulation has none to take", async () => {
  const { seen, work } = double();
  const twins = dag("w", {}, () => void work.map({ n: [1, 1] }));

  const { tasks } = await runWorkflow(twins, { slots: 1 });

  expect(seen).toEqual([1]);
  expect(tasks["work"]).toMatchObject([{ output: { twice: 2 } }, { output: { twice: 2 }, cached: true }]);
  expect(simulate(twins, { mapLengths: { work: 2 } }).tasks["work"]).toEqual(["succeeded", "succeeded"]);
});
