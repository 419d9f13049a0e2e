import { expect, test } from "vitest";
import { z } from "zod";
import { flow } from "../authoring/flow.ts";
import { sensor } from "../authoring/sensor.ts";
import { task } from "../authoring/task.ts";
import { TaskFailed, TaskSkipped } from "../authoring/task-ended.ts";
import { runWorkflow, type TaskRunResult } from "./run-workflow.ts";

const add = task("add", async ({ a, b }: { a: number; b: number }) => a + b);
const plain = task("plain", () => "plain");
const skips = task("skips", (_: void, ctx) => ctx.skip("nothing to do"));
let tries = 0;
const flaky = task("flaky", { retries: { limit: 2, delay: "1s" } }, async () => {
  tries++;
  if (tries < 3) throw new Error(`try ${tries}`);
  return tries;
});
const breaks = task("breaks", async ({ code }: { code: string }) => {
  throw Object.assign(new Error("it broke"), { code });
});
const big = task("big", async ({ size }: { size: number }) => "x".repeat(size));
const measure = task("measure", async ({ text }: { text: string }) => text.length);

const bodyOf = (tasks: Readonly<Record<string, unknown>>, name: string) => tasks[name] as TaskRunResult;

test("a body runs tasks in a loop, under conditions and side by side", async () => {
  const sum = flow("sum", { params: z.object({ upTo: z.number() }) }, async ({ upTo }, ctx) => {
    let total = 0;
    for (let b = 1; b <= upTo; b++) total = await ctx.run(add, { a: total, b });
    if (total > 5) await ctx.run(plain);
    const doubled = await Promise.all([1, 2, 3].map((a) => ctx.run(add, { a, b: a })));
    await ctx.sleep("1h");
    return { total, doubled };
  });
  const run = await runWorkflow(sum, { params: { upTo: 4 } });
  expect(run.state).toBe("succeeded");
  expect(bodyOf(run.tasks, "sum").output).toEqual({ total: 10, doubled: [2, 4, 6] });
  expect(run.tasks["add"]).toHaveLength(7);
  expect((run.tasks["add"] as TaskRunResult[]).map(({ output }) => output)).toEqual([1, 3, 6, 10, 2, 4, 6]);
  expect(run.tasks["plain"]).toMatchObject([{ state: "succeeded", mapIndex: 0, output: "plain" }]);
});

test("a task of a flow has retries of its own", async () => {
  const run = await runWorkflow(flow("patient", {}, async (_, ctx) => ctx.run(flaky)));
  expect(run.tasks["flaky"]).toMatchObject([{ state: "succeeded", attempts: 3, output: 3 }]);
  expect(bodyOf(run.tasks, "patient")).toMatchObject({ state: "succeeded", output: 3 });
});

test("a failure that the body catches fails nothing else", async () => {
  const caught = flow("caught", {}, async (_, ctx) => {
    try {
      await ctx.run(breaks, { code: "NO_STOCK" });
    } catch (error) {
      if (!(error instanceof TaskFailed)) throw error;
      const cause = error.cause as Error & { code: string };
      return { task: error.task, code: error.code, why: cause.message, cause: cause.code, state: error.state };
    }
    return null;
  });
  const run = await runWorkflow(caught);
  expect(run.state).toBe("succeeded");
  expect(bodyOf(run.tasks, "caught").output).toEqual({
    task: "breaks",
    code: "TASK_FAILED",
    why: "it broke",
    cause: "NO_STOCK",
    state: "failed",
  });
  expect(run.tasks["breaks"]).toMatchObject([{ state: "failed" }]);
});

test("a failure that escapes fails the run, and the next attempt of the body runs the task again", async () => {
  const stubborn = flow("stubborn", { retries: 2 }, async (_, ctx) => {
    await ctx.run(add, { a: 1, b: 1 });
    await ctx.run(breaks, { code: "X" });
  });
  const run = await runWorkflow(stubborn);
  expect(run.state).toBe("failed");
  expect(bodyOf(run.tasks, "stubborn").error).toMatchObject({ code: "TASK_FAILED", cause: { message: "it broke" } });
  expect(run.tasks["add"]).toMatchObject([{ attempts: 1 }]);
  expect(run.tasks["breaks"]).toMatchObject([{ state: "failed", attempts: 3 }]);
});

test("a task that skips itself skips the flow, unless that catches it", async () => {
  const run = await runWorkflow(flow("skipped", {}, async (_, ctx) => ctx.run(skips)));
  expect(run.state).toBe("succeeded");
  expect(bodyOf(run.tasks, "skipped")).toMatchObject({ state: "skipped", skipped: "nothing to do" });
  const goesOn = flow("goes_on", {}, async (_, ctx) =>
    ctx.run(skips).catch((error: unknown) => error instanceof TaskSkipped && error.reason),
  );
  expect(bodyOf((await runWorkflow(goesOn)).tasks, "goes_on").output).toBe("nothing to do");
});

test("large values go from task to task through the body", async () => {
  const large = flow("large", {}, async (_, ctx) => {
    const text = await ctx.run(big, { size: 600_000 });
    return ctx.run(measure, { text });
  });
  const run = await runWorkflow(large);
  expect(bodyOf(run.tasks, "large")).toMatchObject({ state: "succeeded", output: 600_000 });
});

test("a task begins while the body is at a step", async () => {
  let began = () => {};
  const beginning = new Promise<void>((resolve) => (began = resolve));
  const signal = task("signal", () => began());
  const beside = flow("beside", {}, async (_, ctx) => {
    await Promise.all([ctx.run(signal), ctx.step("waits for the task", () => beginning)]);
  });
  expect((await runWorkflow(beside)).state).toBe("succeeded");
});

test("a sensor is a task too", async () => {
  let looks = 0;
  const landed = sensor("landed", { every: "10m" }, async ({ key }: { key: string }) => {
    looks++;
    return looks < 3 ? undefined : key;
  });
  const run = await runWorkflow(flow("waits", {}, async (_, ctx) => ctx.run(landed, { key: "k" })));
  expect(bodyOf(run.tasks, "waits").output).toBe("k");
});

test("what a flow may run is known before it runs", async () => {
  const late = flow("late", {}, async (_, ctx) => ctx.run(add.with({ timeout: "1m" }), { a: 1, b: 1 }));
  expect(bodyOf((await runWorkflow(late)).tasks, "late").error).toMatchObject({ code: "TASK_NOT_DECLARED" });
});
