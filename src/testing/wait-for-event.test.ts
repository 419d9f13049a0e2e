import { expect, test } from "vitest";
import { dag } from "../authoring/dag.ts";
import { task } from "../authoring/task.ts";
import type { EventInfo } from "../authoring/event-info.ts";
import { fakeContext } from "./fake-context.ts";
import { runWorkflow, type TaskRunResult } from "./run-workflow.ts";

const outputOf = (result: unknown): unknown => (result as TaskRunResult).output;
const pays = (...payloads: readonly object[]) =>
  task("pays", async (_: void, ctx) => {
    await ctx.sleep("1h");
    for (const payload of payloads) ctx.emit("paid", payload);
  });

test("a task that waits for an event goes on with the first that matches, and holds no slot meanwhile", async () => {
  let begun = 0;
  const order = task("order", async (_: void, ctx) => {
    begun++;
    const paid = await ctx.waitForEvent("paid", { match: { order: "o-2" } });
    return [paid?.payload, paid?.kind, ctx.now().toISOString().length];
  });
  const payer = pays({ order: "o-1" }, { order: "o-2", n: 1 }, { order: "o-2", n: 2 });
  const run = await runWorkflow(
    dag("orders", {}, () => {
      order();
      payer();
    }),
    { slots: 1 },
  );
  expect(outputOf(run.tasks["order"])).toEqual([{ order: "o-2", n: 1 }, "event", 24]);
  expect(begun).toBe(1);
});

test("a function may say which event is meant, and what came before the call does not count", async () => {
  const early = task("early", (_: void, ctx) => ctx.emit("paid", { n: 10 }));
  const order = task("order", async (_: { after: undefined }, ctx) => {
    const paid = await ctx.waitForEvent("paid", { match: ({ payload }) => (payload as { n: number }).n >= 2 });
    return paid?.payload;
  });
  const payer = pays({ n: 1 }, { n: 2 });
  const run = await runWorkflow(
    dag("orders", {}, () => {
      const first = early();
      order({ after: first as never });
      payer().after(first);
    }),
  );
  expect(outputOf(run.tasks["order"])).toEqual({ n: 2 });
});

test("what does not come in time is null, and an attempt that runs again hears of the same event", async () => {
  const seen: (EventInfo | null)[] = [];
  const late = task("late", async (_: void, ctx) => ctx.waitForEvent("never", { timeout: "10m" }));
  const order = task("order", { retries: 1 }, async (_: void, ctx) => {
    seen.push(await ctx.waitForEvent("paid"));
    if (ctx.attempt === 1) throw new Error("again");
  });
  const payer = pays({ n: 1 }, { n: 2 });
  const run = await runWorkflow(
    dag("orders", {}, () => {
      late();
      order();
      payer();
    }),
  );
  expect(run.tasks).toMatchObject({ late: { state: "succeeded", output: null }, order: { state: "succeeded" } });
  expect(seen).toHaveLength(2);
  expect(seen[1]).toEqual(seen[0]);
});

test("waits that are open at once each hear of their own", async () => {
  const both = task("both", async (_: void, ctx) => {
    const wait = (n: number) => ctx.waitForEvent("paid", { match: { n } });
    const [one, two] = await Promise.all([wait(1), wait(2)]);
    return [one?.payload, two?.payload];
  });
  const payer = pays({ n: 2 }, { n: 1 });
  const run = await runWorkflow(
    dag("orders", {}, () => {
      both();
      payer();
    }),
  );
  expect(outputOf(run.tasks["both"])).toEqual([{ n: 1 }, { n: 2 }]);
});

test("a test of one task says itself what it hears", async () => {
  const order = task("order", async (_: void, ctx) => (await ctx.waitForEvent("paid"))?.payload);
  const event = { kind: "event", name: "paid", payload: 1, key: null, partition: null, at: new Date(0), runId: null };
  expect(await order.fn(undefined, fakeContext({ waitForEvent: async () => event as EventInfo }))).toBe(1);
});
