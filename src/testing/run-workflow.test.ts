import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  branch,
  chain,
  dag,
  FailWithoutRetry,
  firstOf,
  group,
  maybe,
  pick,
  RetryAfter,
  settled,
  task,
  zip,
} from "../index.ts";
import { fakeClock } from "./fake-clock.ts";
import { runWorkflow, type TaskRunResult, type WorkflowResult } from "./run-workflow.ts";

const one = (run: WorkflowResult, name: string): TaskRunResult => {
  const found = run.tasks[name];
  if (!found || Array.isArray(found)) throw new Error(`${name} is no single task run: ${JSON.stringify(found)}`);
  return found as TaskRunResult;
};
const many = (run: WorkflowResult, name: string): readonly TaskRunResult[] => {
  const found = run.tasks[name];
  if (!Array.isArray(found)) throw new Error(`${name} has no elements: ${JSON.stringify(found)}`);
  return found;
};
const outputs = (run: WorkflowResult, name: string) => many(run, name).map(({ output }) => output);

const numbers = task("numbers", ({ n }: { n: number }) => Array.from({ length: n }, (_, i) => i));
const double = task("double", ({ x }: { x: number }) => x * 2);
const sum = task("sum", ({ xs }: { xs: readonly number[] }) => xs.reduce((a, b) => a + b, 0));
const id = task("id", ({ x }: { x: unknown }) => x);
const fails = task("fails", () => {
  throw new Error("broken");
});
const skips = task("skips", (_: void, ctx) => ctx.skip("nothing to do"));

describe("runWorkflow", () => {
  test("values cross tasks losslessly, whole and by property", async () => {
    const made = task("made", () => ({
      at: new Date(5),
      bag: new Map([["a", new Set([1n])]]),
      nested: { list: [1, undefined, 3] },
      bytes: new Uint8Array([1, 2]),
    }));
    const run = await runWorkflow(
      dag("values", {}, () => {
        const m = made();
        id.as("whole")({ x: m });
        id.as("part")({ x: { at: m.at, list: m.nested.list } });
      }),
    );

    expect(one(run, "whole").output).toEqual({
      at: new Date(5),
      bag: new Map([["a", new Set([1n])]]),
      nested: { list: [1, undefined, 3] },
      bytes: new Uint8Array([1, 2]),
    });
    expect(one(run, "part").output).toEqual({ at: new Date(5), list: [1, undefined, 3] });
  });

  test("a mapped task runs once for each element, and a join reads the succeeded ones in order", async () => {
    const odd = task("odd", ({ x }: { x: number }, ctx) => (x % 2 ? x : ctx.skip("even")));
    const run = await runWorkflow(
      dag("mapped", {}, () => {
        const doubled = double.map({ x: numbers({ n: 5 }) });
        sum.as("total")({ xs: doubled });
        const odds = odd.map({ x: numbers.as("more")({ n: 5 }) });
        sum.as("of_odd")({ xs: odds }).when("none_failed");
        id.as("all")({ x: settled(odds) });
      }),
    );

    expect(outputs(run, "double")).toEqual([0, 2, 4, 6, 8]);
    expect(one(run, "total").output).toBe(20);
    expect(one(run, "of_odd").output).toBe(4);
    expect(one(run, "all").output).toEqual([
      { state: "skipped" },
      { state: "succeeded", value: 1 },
      { state: "skipped" },
      { state: "succeeded", value: 3 },
      { state: "skipped" },
    ]);
  });

  test("products, pairs, literal lists, params and picked lists are mapped over", async () => {
    const pair = task("pair", ({ a, b, tag }: { a: string; b: number; tag: string }) => `${a}${b}${tag}`);
    const params = z.object({ stores: z.array(z.string()), deep: z.object({ years: z.array(z.number()) }) });
    const run = await runWorkflow(
      dag("lists", { params }, ({ params }) => {
        pair.as("product").map({ a: params.stores, b: [1, 2] }, { tag: "!" });
        pair.as("zipped").map(zip({ a: params.stores, b: params.deep.years }), { tag: "?" });
        double.map({ x: pick(numbers({ n: 4 }), (list) => list.filter((x) => x > 1)) });
        id.as("picked_params").map({ x: pick(params.deep, (deep) => deep.years.map((year) => year + 1)) });
      }),
      { params: { stores: ["x", "y"], deep: { years: [7, 8] } } },
    );

    expect(outputs(run, "product")).toEqual(["x1!", "x2!", "y1!", "y2!"]);
    expect(outputs(run, "zipped")).toEqual(["x7?", "y8?"]);
    expect(outputs(run, "double")).toEqual([4, 6]);
    expect(outputs(run, "picked_params")).toEqual([8, 9]);
  });

  test("a map over a mapped task goes element by element, and so do the states", async () => {
    const picky = task("picky", ({ x }: { x: number }, ctx) =>
      x === 1 ? ctx.skip("one") : x === 2 ? Promise.reject(new Error("two")) : x,
    );
    const run = await runWorkflow(
      dag("elementwise", {}, () => {
        const scrubbed = picky.map({ x: numbers({ n: 4 }) });
        double.map({ x: scrubbed });
        id.as("settled_each").map({ x: settled(scrubbed) });
      }),
    );

    expect(many(run, "double").map(({ state }) => state)).toEqual([
      "succeeded",
      "skipped",
      "upstream_failed",
      "succeeded",
    ]);
    expect(outputs(run, "settled_each")).toEqual([
      { state: "succeeded", value: 0 },
      { state: "skipped" },
      { state: "failed" },
      { state: "succeeded", value: 3 },
    ]);
    expect(run.state).toBe("failed");
  });

  test("maps that cannot be built fail by name; an empty list skips", async () => {
    const run = await runWorkflow(
      dag("bad_maps", {}, () => {
        id.as("unequal").map(zip({ x: numbers.as("three")({ n: 3 }), y: numbers.as("two")({ n: 2 }) }) as never);
        double
          .with({ mapLimit: 2 })
          .as("wide")
          .map({ x: numbers.as("many")({ n: 3 }) });
        double.as("empty").map({ x: numbers.as("none")({ n: 0 }) });
        double.as("no_list").map({ x: id.as("text")({ x: "abc" }) as never });
      }),
    );

    expect(one(run, "unequal").error).toMatchObject({
      code: "MAP_LENGTHS",
      message: expect.stringContaining('"x" has 3, "y" has 2'),
    });
    expect(one(run, "wide").error).toMatchObject({ code: "MAP_TOO_WIDE" });
    expect(one(run, "empty").state).toBe("skipped");
    expect(one(run, "no_list").error).toMatchObject({ code: "NOT_A_LIST" });
  });

  test("absent values: maybe, firstOf and plain refs", async () => {
    const run = await runWorkflow(
      dag("absent", {}, () => {
        const s = skips();
        const f = fails();
        id.as("maybe_skipped")({ x: maybe(s) });
        id.as("first")({ x: firstOf(s, numbers({ n: 1 })) });
        id.as("none")({ x: firstOf(s, f) });
        id.as("plain_skipped")({ x: s }).when("all_done");
        id.as("plain_failed")({ x: f }).when("always");
        id.as("in_order")({ x: 1 }).after(f).when("one_failed");
      }),
    );

    expect(one(run, "maybe_skipped")).toMatchObject({ state: "succeeded", output: undefined });
    expect(one(run, "first").output).toEqual([0]);
    expect(one(run, "none").state).toBe("upstream_failed");
    expect(one(run, "plain_skipped").state).toBe("skipped");
    expect(one(run, "plain_failed").state).toBe("upstream_failed");
    expect(one(run, "in_order").state).toBe("succeeded");
    expect(one(run, "skips")).toMatchObject({ state: "skipped", skipped: "nothing to do" });
  });

  test("a branch runs the chosen arms and skips the others whatever their rule; a wrong key fails it", async () => {
    const size = branch("size", ({ n }: { n: number }) => (n > 2 ? "bulk" : "trickle"));
    const none = branch("none", () => null as "a" | null);
    const run = await runWorkflow(
      dag("branches", {}, () => {
        const bulk = id.as("bulk")({ x: "b" });
        const trickle = id.as("trickle")({ x: "t" }).when("always");
        size({ n: 3 }).to({ bulk, trickle: [trickle] });
        id.as("met")({ x: firstOf(bulk, trickle) });
        none().to({ a: id.as("arm")({ x: 1 }) });
      }),
    );

    expect(one(run, "met").output).toBe("b");
    expect([one(run, "trickle").state, one(run, "arm").state]).toEqual(["skipped", "skipped"]);
    expect(run.state).toBe("succeeded");
  });

  test("group.each runs its body for each element, and its values are lists outside", async () => {
    const run = await runWorkflow(
      dag("each", {}, () => {
        const per = group.each("per", numbers({ n: 3 }), (x) => {
          const a = double({ x });
          return { a, b: double.as("again")({ x: a }) };
        });
        sum({ xs: per.out.b });
      }),
    );

    expect(outputs(run, "again")).toEqual([0, 4, 8]);
    expect(one(run, "sum").output).toBe(12);
  });

  test("a failed attempt is tried again by policy: limit, delay, RetryAfter, FailWithoutRetry, rules", async () => {
    const seen: string[] = [];
    const flaky = (name: string, error: () => Error, options: object) =>
      task(
        name,
        { retries: { limit: 3, backoff: "fixed", delay: "1h", jitter: "none", ...options } },
        (_: void, ctx) => {
          seen.push(`${name} ${ctx.attempt} ${ctx.idempotencyKey.split("/").at(-1)}`);
          if (ctx.attempt < 3) throw error();
          return ctx.attempt;
        },
      );
    const run = await runWorkflow(
      dag("retries", {}, () => {
        flaky("thrice", () => new Error("x"), {})();
        flaky("after", () => new RetryAfter("5m"), {})();
        flaky("final", () => new FailWithoutRetry("no"), {})();
        flaky("by_rule", () => Object.assign(new TypeError("t"), { code: "AUTH" }), {
          on: [{ error: "AUTH", limit: 0 }],
        })();
        flaky("by_class", () => new TypeError("t"), { on: [{ error: TypeError, limit: 1 }] })();
        flaky("by_function", () => new RangeError("r"), {
          on: [{ error: (e: Error) => e instanceof RangeError, limit: 0 }],
        })();
      }),
    );

    expect(one(run, "thrice")).toMatchObject({ state: "succeeded", output: 3, attempts: 3 });
    expect(one(run, "after")).toMatchObject({ state: "succeeded", attempts: 3 });
    expect(["final", "by_rule", "by_class", "by_function"].map((name) => one(run, name).attempts)).toEqual([
      1, 1, 2, 1,
    ]);
    expect(seen.filter((line) => line.startsWith("thrice"))).toEqual([
      "thrice 1 thrice",
      "thrice 2 thrice",
      "thrice 3 thrice",
    ]);
  });

  test("a retry waits until the clock has come that far", async () => {
    const clock = fakeClock("2025-08-12T06:00Z");
    const flaky = task("flaky", { retries: { limit: 1, delay: "10m", jitter: "none" } }, (_: void, ctx) => {
      if (ctx.attempt === 1) throw new Error("first");
      return ctx.attempt;
    });
    const running = runWorkflow(
      dag("waits", {}, () => void flaky()),
      { clock },
    );
    let over = false;
    void running.then(() => (over = true));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await clock.advance("9m");
    expect(over).toBe(false);
    await clock.advance("1m");

    expect(one(await running, "flaky")).toMatchObject({ state: "succeeded", attempts: 2 });
  });

  test("a group retries as one: succeeded tasks in it run again under another key, and nothing outside starts before it has ended for good", async () => {
    const keys: string[] = [];
    let round = 0;
    const copy = task("copy", (_: void, ctx) => {
      keys.push(ctx.idempotencyKey.split("/").at(-1) ?? "");
      return ++round;
    });
    const check = task("check", ({ a }: { a: number }) => {
      if (a < 3) throw new Error(`round ${a}`);
      return a;
    });
    const run = await runWorkflow(
      dag("grouped", {}, () => {
        const staged = group("stage", { retries: 2 }, () => check({ a: copy() }));
        id.as("outside")({ x: staged.out });
      }),
    );

    expect(one(run, "outside").output).toBe(3);
    expect(keys).toEqual(["copy", "copy~1", "copy~2"]);
    expect(run.state).toBe("succeeded");
  });

  test("each element of a group.each retries alone", async () => {
    const tries = new Map<number, number>();
    const shaky = task("shaky", ({ x }: { x: number }) => {
      tries.set(x, (tries.get(x) ?? 0) + 1);
      if (x === 1 && tries.get(x) === 1) throw new Error("once");
      return x;
    });
    const run = await runWorkflow(
      dag("alone", {}, () => {
        const per = group.each("per", { retries: 1 }, numbers({ n: 3 }), (x) => double({ x: shaky({ x }) }));
        sum({ xs: per.out });
      }),
    );

    expect(Object.fromEntries(tries)).toEqual({ 0: 1, 1: 2, 2: 1 });
    expect(one(run, "sum").output).toBe(6);
  });

  test("an allowed failure fails neither the run nor what only it causes", async () => {
    const run = await runWorkflow(dag("allowed", {}, () => chain(fails.with({ allowFailure: true })(), id({ x: 1 }))));

    expect([run.state, one(run, "fails").state, one(run, "id").state]).toEqual([
      "succeeded",
      "failed",
      "upstream_failed",
    ]);
  });

  test("a failure behind an all_done leaf fails the run", async () => {
    const run = await runWorkflow(dag("hidden", {}, () => void id({ x: 1 }).after(fails()).when("all_done")));

    expect([run.state, one(run, "id").state]).toEqual(["failed", "succeeded"]);
  });

  test("drawers last through attempts and runs are told apart", async () => {
    const counts = task("counts", { retries: { limit: 2, delay: 0 } }, async (_: void, ctx) => {
      const state = await ctx.state.update<number>("n", (n = 0) => n + 1);
      const memory = await ctx.memory.update<number>("n", (n = 10) => n + 1);
      if (ctx.attempt < 3) throw new Error("again");
      return { state, memory, gone: await ctx.state.get("nothing") };
    });
    const run = await runWorkflow(dag("drawers", {}, () => void counts()));

    expect(one(run, "counts").output).toEqual({ state: 3, memory: 13, gone: undefined });
  });

  test("large values move to the artifact store by themselves, and are read by property and element", async () => {
    const big = task("big", () => ({
      rows: Array.from({ length: 3 }, (_, i) => ({ i, text: String(i).repeat(200_000) })),
      small: 7,
    }));
    const size = task("size", ({ row }: { row: { i: number; text: string } }) => row.i * 1_000_000 + row.text.length);
    const run = await runWorkflow(
      dag("frames", {}, () => {
        const b = big();
        size.map({ row: b.rows });
        id.as("small")({ x: b.small });
        id.as("whole")({ x: pick(b, (v) => v.rows.length) });
      }),
    );

    expect(outputs(run, "size")).toEqual([200_000, 1_200_000, 2_200_000]);
    expect([one(run, "small").output, one(run, "whole").output]).toEqual([7, 3]);
  });

  test("params are parsed once, with defaults; wrong ones start nothing", async () => {
    const workflow = dag(
      "params",
      { params: z.object({ region: z.enum(["emea", "apac"]).default("emea"), min: z.coerce.number() }) },
      ({ params }) => void id({ x: params }),
    );

    expect(one(await runWorkflow(workflow, { params: { min: "3" } }), "id").output).toEqual({ region: "emea", min: 3 });
    await expect(runWorkflow(workflow, { params: { region: "mars" } as never })).rejects.toMatchObject({
      code: "PARAMS_INVALID",
      message: expect.stringContaining('"region"'),
    });
  });

  test("a hundred tasks in a row and a thousand side by side come to the same", async () => {
    const run = await runWorkflow(
      dag("wide_and_long", {}, () => {
        const first = numbers({ n: 1_000 });
        const total = sum({ xs: double.map({ x: first }) });
        let last = id.as("s0")({ x: total });
        for (let i = 1; i < 100; i++) last = id.as(`s${i}`)({ x: last });
      }),
      { slots: 32 },
    );

    expect(one(run, "s99").output).toBe(999_000);
  });
});
