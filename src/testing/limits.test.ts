import { expect, test } from "vitest";
import { dag } from "../authoring/dag.ts";
import { task } from "../authoring/task.ts";
import { fakeClock } from "./fake-clock.ts";
import { runWorkflow, type TaskRunResult } from "./run-workflow.ts";

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** How many run at once of what is counted, and how many did at most. */
class Meter {
  readonly #now = new Map<string, number>();
  readonly most = new Map<string, number>();

  readonly during = async (key: string, slots = 1): Promise<void> => {
    const now = (this.#now.get(key) ?? 0) + slots;
    this.#now.set(key, now);
    this.most.set(key, Math.max(this.most.get(key) ?? 0, now));
    await turns(5);
    this.#now.set(key, this.#now.get(key)! - slots);
  };
}

interface One {
  readonly i: number;
}
const COUNT = Array.from({ length: 24 }, (_, i) => i);
const states = (result: unknown): string[] => [
  ...new Set((result as readonly TaskRunResult[]).map(({ state }) => state)),
];

test("tasks of one pool never take more than its slots, and use all of them", async () => {
  const meter = new Meter();
  const one = task("one", { pool: "db" }, (input: One) => meter.during("db", input.i < 0 ? 2 : 1));
  const two = task("two", { pool: "db", slots: 2 }, (input: One) => meter.during("db", input.i < 0 ? 1 : 2));
  const run = await runWorkflow(
    dag("pooled", {}, () => {
      one.map({ i: COUNT });
      two.map({ i: COUNT });
    }),
    { pools: { db: 3 } },
  );
  expect(run.state).toBe("succeeded");
  expect(meter.most.get("db")).toBe(3);
});

test("a full pool keeps nobody waiting who wants another one, or none", async () => {
  const order: string[] = [];
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  const slow = task("slow", { pool: "small" }, async (input: One) => {
    await gate;
    order.push(input.i < 0 ? "" : "slow");
  });
  const other = task("other", { pool: "large" }, () => void order.push("other"));
  const none = task("none", () => void order.push("none"));
  const last = task("last", () => open());
  const run = await runWorkflow(
    dag("pooled", {}, () => {
      slow.map({ i: COUNT });
      last().after(other(), none());
    }),
    { pools: { small: 1, large: 4 }, slots: 3 },
  );
  expect(run.state).toBe("succeeded");
  expect(order.slice(0, 2).toSorted()).toEqual(["none", "other"]);
  expect(order).toHaveLength(26);
});

test("a task is limited for itself, and by what stands in its input", async () => {
  const meter = new Meter();
  const whole = task("whole", { concurrency: 2 }, (input: One) => meter.during(input.i < 0 ? "" : "whole"));
  const keyed = task(
    "keyed",
    { concurrency: { limit: 1, key: "order.customer" } },
    async ({ order }: { order: { customer: string } }) => {
      await Promise.all([meter.during(order.customer), meter.during("all keys")]);
    },
  );
  const orders = COUNT.map((i) => ({ customer: `c${i % 3}` }));
  const list = task("list", () => orders);
  const run = await runWorkflow(
    dag("limited", {}, () => {
      whole.map({ i: COUNT });
      keyed.map({ order: list() });
    }),
  );
  expect(run.state).toBe("succeeded");
  expect(Object.fromEntries(meter.most)).toEqual({ whole: 2, c0: 1, c1: 1, c2: 1, "all keys": 3 });
});

test("no more tasks of a run are at work than maxActiveTasks", async () => {
  const meter = new Meter();
  const work = task("work", (input: One) => meter.during(input.i < 0 ? "" : "run"));
  const run = await runWorkflow(
    dag("few", { maxActiveTasks: 2 }, () => {
      work.map({ i: COUNT });
      work.as("more").map({ i: COUNT });
    }),
  );
  expect(run.state).toBe("succeeded");
  expect(meter.most.get("run")).toBe(2);
});

test('where its limit is reached, a task with onLimit: "skip" is skipped and says why', async () => {
  const work = task("work", { concurrency: { limit: 2, onLimit: "skip" } }, (input: One) => turns(20 + input.i));
  const run = await runWorkflow(dag("skipping", {}, () => void work.map({ i: COUNT })));
  const results = run.tasks["work"] as readonly TaskRunResult[];
  expect(results.filter(({ state }) => state === "succeeded")).toHaveLength(2);
  expect(results[5]!.skipped).toBe('2 of task "work" run already, and it says onLimit: "skip"');
  expect(states(results)).toEqual(["succeeded", "skipped"]);
});

test("no more start within a time than a rate says, whatever ends in between", async () => {
  const clock = fakeClock("2026-01-01T00:00Z");
  const starts: number[] = [];
  const call = task("call", { rateLimit: { limit: 5, per: "1m" } }, (input: One) => {
    starts.push(clock.now() / 1_000_000);
    return input.i;
  });
  const running = runWorkflow(
    dag("paced", {}, () => void call.map({ i: COUNT })),
    { clock },
  );
  for (let step = 0; step < 20_000 && starts.length < COUNT.length; step++) {
    await turns(30);
    const next = clock.nextDue();
    if (next !== null) clock.turnTo(next);
  }
  expect((await running).state).toBe("succeeded");
  expect(starts).toHaveLength(24);
  for (const [place, at] of starts.entries())
    if (place >= 5) expect(at - starts[place - 5]!).toBeGreaterThanOrEqual(60);
  expect(starts.at(-1)! - starts[0]!).toBeLessThan(301);
});

test("who has the higher priority comes first, with and without a limit", async () => {
  const order: string[] = [];
  const first = task("first", () => turns(5));
  const low = task("low", { priority: -1 }, () => void order.push("low"));
  const plain = task("plain", () => void order.push("plain"));
  const high = task("high", { priority: 5 }, () => void order.push("high"));
  const run = await runWorkflow(
    dag("ranked", {}, () => {
      const begin = first();
      for (const one of [low, plain, high]) one().after(begin);
      const pool = { pool: "db" };
      low.with(pool).as("low_2")().after(begin);
      plain.with(pool).as("plain_2")().after(begin);
    }),
    { slots: 1, pools: { db: 1 } },
  );
  expect(run.state).toBe("succeeded");
  expect(order.indexOf("high")).toBeLessThan(order.indexOf("low"));
  expect(order.lastIndexOf("plain")).toBeLessThan(order.lastIndexOf("low") + 1);
});

test("a task whose key is no plain value fails, and says so", async () => {
  const work = task("work", { concurrency: { limit: 1, key: "list" } }, ({ list }: { list: number[] }) => list);
  const run = await runWorkflow(dag("keyless", {}, () => void work({ list: [1] })));
  expect(run.tasks["work"]).toMatchObject({ state: "failed", error: { code: "LIMIT_KEY" } });
});

test("a retry gives its slot back while it waits, and takes one again", async () => {
  const meter = new Meter();
  let failures = 0;
  const flaky = task("flaky", { pool: "db", retries: 2 }, async ({ i }: { i: number }, ctx) => {
    await meter.during("db");
    if (ctx.attempt === 1 && i % 2 === 0) {
      failures++;
      throw new Error("not yet");
    }
  });
  const run = await runWorkflow(
    dag("flaky", {}, () => void flaky.map({ i: COUNT })),
    { pools: { db: 2 } },
  );
  expect(run.state).toBe("succeeded");
  expect(failures).toBe(12);
  expect(meter.most.get("db")).toBe(2);
});
