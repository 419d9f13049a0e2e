import { expect, test } from "vitest";
import type { Context } from "../authoring/context.ts";
import { dag } from "../authoring/dag.ts";
import { sensor } from "../authoring/sensor.ts";
import { task } from "../authoring/task.ts";
import type { Workflow } from "../authoring/workflow.ts";
import { type FakeClock, fakeClock } from "./fake-clock.ts";
import { runTask } from "./run-task.ts";
import { runWorkflow, type TaskRunResult } from "./run-workflow.ts";

/** Runs it while the clock goes from one thing that is due to the next, whenever all has come to rest. */
async function play(workflow: Workflow, clock: FakeClock) {
  const running = runWorkflow(workflow, { clock });
  const progress = { isOver: false };
  void running.finally(() => (progress.isOver = true));
  while (!progress.isOver) {
    for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setImmediate(resolve));
    const next = clock.nextDue();
    if (next !== null) clock.turnTo(next);
  }
  return running;
}

const stateOf = (result: unknown): string => (result as TaskRunResult).state;

test("a task that sleeps goes on where it was, when its time has come", async () => {
  const seen: string[] = [];
  const clock = fakeClock("2026-01-01T00:00Z");
  const nap = task("nap", async (_: void, ctx) => {
    seen.push(`begins ${ctx.now().toISOString()}`);
    await ctx.sleep("2h");
    seen.push("goes on");
    return clock.date.toISOString();
  });
  const run = await play(
    dag("naps", {}, () => void nap()),
    clock,
  );
  expect(run.tasks["nap"]).toMatchObject({ state: "succeeded", output: "2026-01-01T02:00:00.000Z" });
  expect(seen).toEqual(["begins 2026-01-01T00:00:00.000Z", "goes on"]);
});

test("a task that waits holds no slot", async () => {
  const order: string[] = [];
  const nap = task("nap", async (_: void, ctx) => {
    await ctx.sleep("1h");
    order.push("nap");
  });
  const work = task("work", () => void order.push("work"));
  const run = await runWorkflow(
    dag("naps", {}, () => {
      nap();
      work();
    }),
    { slots: 1 },
  );
  expect(run.state).toBe("succeeded");
  expect(order).toEqual(["work", "nap"]);
});

test("sleeps that are open at once end in the order of their time", async () => {
  const order: string[] = [];
  const naps = task("naps", async (_: void, ctx) => {
    const nap = async (time: string) => {
      await ctx.sleep(time);
      order.push(time);
    };
    await Promise.all([nap("3h"), nap("1h"), nap("2h")]);
  });
  const run = await runWorkflow(dag("naps", {}, () => void naps()));
  expect(run.state).toBe("succeeded");
  expect(order).toEqual(["1h", "2h", "3h"]);
});

test("what ends beside a sleep is heard of without waiting for it", async () => {
  const race = task("race", async (_: void, ctx) => {
    const outside = new Promise<string>((resolve) => setTimeout(() => resolve("outside"), 20));
    return Promise.race([outside, ctx.sleep("1000h").then(() => "slept")]);
  });
  const clock = fakeClock();
  const run = await runWorkflow(
    dag("races", {}, () => void race()),
    { clock },
  );
  expect(run.tasks["race"]).toMatchObject({ state: "succeeded", output: "outside" });
});

test("an attempt that fails keeps its steps for the next one, and runs the step that failed again", async () => {
  const done: string[] = [];
  const order = task("order", { retries: 2 }, async (_: void, ctx) => {
    const id = await ctx.step("charge", () => (done.push("charge"), "c1"));
    await ctx.step("ship", () => {
      done.push("ship");
      if (done.length < 3) throw new Error("no van");
    });
    return id;
  });
  const run = await runWorkflow(dag("orders", {}, () => void order()));
  expect(run.tasks["order"]).toMatchObject({ state: "succeeded", output: "c1", attempts: 2 });
  expect(done).toEqual(["charge", "ship", "ship"]);
});

test("a step whose failure ended the attempt runs again, and what its cleaning up recorded stays", async () => {
  const done: string[] = [];
  const order = task("order", { retries: 1 }, async (_: void, ctx) => {
    try {
      await ctx.step("charge", () => {
        done.push("charge");
        if (done.length === 1) throw new Error("declined");
      });
    } finally {
      await ctx.step("note", () => void done.push("note"));
    }
  });
  const run = await runWorkflow(dag("orders", {}, () => void order()));
  expect(run.state).toBe("succeeded");
  expect(done).toEqual(["charge", "note", "charge"]);
});

test("a failure that the body goes on from is recorded like any end", async () => {
  const done: string[] = [];
  const order = task("order", { retries: 1 }, async (_: void, ctx) => {
    const charged = await ctx
      .step("charge", () => {
        done.push("charge");
        throw Object.assign(new Error("declined"), { code: "DECLINED" });
      })
      .catch((error: Error & { code: string }) => error.code);
    await ctx.step("refund", () => void done.push("refund"));
    if (ctx.attempt === 1) throw new Error("something else");
    return charged;
  });
  const run = await runWorkflow(dag("orders", {}, () => void order()));
  expect(run.tasks["order"]).toMatchObject({ state: "succeeded", output: "DECLINED" });
  expect(done).toEqual(["charge", "refund"]);
});

test("one name open twice at once is refused, and with keys it is not", async () => {
  const twice = task("twice", (_: void, ctx) => Promise.all([1, 2].map((n) => ctx.step("same", () => n))));
  const keyed = task("keyed", (_: void, ctx) =>
    Promise.all([1, 2].map((n) => ctx.step("same", () => n, { key: String(n) }))),
  );
  const run = await runWorkflow(
    dag("steps", {}, () => {
      twice();
      keyed();
    }),
  );
  expect(run.tasks["twice"]).toMatchObject({ state: "failed", error: { code: "STEP_AMBIGUOUS" } });
  expect(run.tasks["keyed"]).toMatchObject({ state: "succeeded", output: [1, 2] });
});

test("steps and waits inside a step, after the end, or without a name are refused", async () => {
  let late: (() => Promise<unknown>) | null = null;
  const codes = task("codes", async (_: void, ctx) => {
    const codeOf = async (work: () => Promise<unknown>) => work().catch((error: { code: string }) => error.code);
    late = () => codeOf(() => ctx.step("late", () => 1));
    return [
      await codeOf(() => ctx.step("outer", () => ctx.step("inner", () => 1))),
      await codeOf(() => ctx.step("outer", () => ctx.sleep("1s"))),
      await codeOf(() => ctx.step("", () => 1)),
      await codeOf(() => ctx.step("big", () => "x".repeat(300_000))),
      await codeOf(() => ctx.step("odd", () => () => 1)),
      await codeOf(() => ctx.sleep("soon")),
    ];
  });
  const run = await runWorkflow(dag("steps", {}, () => void codes()));
  expect((run.tasks["codes"] as TaskRunResult).output).toEqual([
    "STEP_IN_STEP",
    "STEP_IN_STEP",
    "BAD_STEP",
    "STEP_TOO_LARGE",
    "VALUE_NOT_SERIALIZABLE",
    "BAD_DURATION",
  ]);
  expect(await late!()).toBe("STEP_OUTSIDE_TASK");
});

test("a step with the context of a task that is over is refused, also in another task, and fails that one", async () => {
  let kept: Context | null = null;
  const first = task("first", (_: void, ctx) => {
    kept = ctx;
    return 1;
  });
  let done = 0;
  const second = task("second", ({ from }: { from: number }) => kept!.step("borrowed", () => (done += from)));
  const run = await runWorkflow(dag("steps", {}, () => void second({ from: first() })));
  expect(run.tasks["second"]).toMatchObject({
    state: "failed",
    error: {
      code: "STEP_OUTSIDE_TASK",
      message: 'ctx.step("borrowed") was called after its task had ended. Await every step before the task returns.',
    },
  });
  expect(done).toBe(0);
});

test("a sensor's check has no steps and no waits, and says so", async () => {
  const asks = {
    step: (ctx: Context) => ctx.step("look", () => 1),
    sleep: (ctx: Context) => ctx.sleep("1s"),
    waitForEvent: (ctx: Context) => ctx.waitForEvent("orders.in"),
  };
  for (const [name, ask] of Object.entries(asks)) {
    const landed = sensor("landed", { every: "1m" }, async (_: void, ctx) => void (await ask(ctx as Context)));
    const run = await runWorkflow(dag("files", {}, () => void landed()));
    expect(run.tasks["landed"]).toMatchObject({
      state: "failed",
      error: {
        code: "STEP_OUTSIDE_TASK",
        message: `ctx.${name} was called in a sensor's check, which is asked anew each time. Do it in a task behind the sensor.`,
      },
    });
  }
});

test("other steps than before end the task, with both sequences in its error", async () => {
  let turn = 0;
  const fickle = task("fickle", { retries: 3 }, async (_: void, ctx) => {
    turn++;
    await ctx.step("first", () => 1);
    await ctx.step(turn === 1 ? "left" : "right", () => 2);
    throw new Error("again");
  });
  const run = await runWorkflow(dag("steps", {}, () => void fickle()));
  const { error } = run.tasks["fickle"] as TaskRunResult;
  expect([turn, error?.code]).toEqual([2, "STEPS_CHANGED"]);
  expect(error?.message).toContain('Recorded: "first", "left". Asked for now: "first", "right"');
});

test("time and chance are the same again", async () => {
  const seen: unknown[] = [];
  const clock = fakeClock();
  const look = task("look", { retries: { limit: 1, delay: "1h" } }, async (_: void, ctx) => {
    seen.push([ctx.now().getTime(), ctx.random(), ctx.random(), ctx.now().getTime()]);
    await ctx.step("one", () => 1);
    if (ctx.attempt === 1) throw new Error("again");
  });
  expect(
    (
      await play(
        dag("looks", {}, () => void look()),
        clock,
      )
    ).state,
  ).toBe("succeeded");
  expect(seen).toHaveLength(2);
  expect(seen[1]).toEqual(seen[0]);
});

test("a sensor looks until there is something, and gives it on", async () => {
  const clock = fakeClock("2026-01-01T00:00Z");
  const looks: number[] = [];
  const landed = sensor("landed", { every: "10m" }, () => {
    looks.push(clock.date.getTime());
    return looks.length === 4 ? { file: "sales.csv" } : undefined;
  });
  const load = task("load", ({ file }: { file: string }) => `loaded ${file}`);
  const run = await play(
    dag("files", {}, () => void load({ file: landed().file })),
    clock,
  );
  expect(run.tasks["load"]).toMatchObject({ output: "loaded sales.csv" });
  expect(looks.map((at) => (at - looks[0]!) / 60_000)).toEqual([0, 10, 20, 30]);
});

test("a sensor's interval grows, and its time is over at the end of it", async () => {
  const clock = fakeClock();
  const looks: number[] = [];
  const look = (): number | undefined => void looks.push(clock.date.getTime());
  const options = { every: "1m", backoff: "exponential", maxEvery: "5m", timeout: "14m" } as const;
  const run = await play(
    dag("files", {}, () => void sensor("landed", options, look)()),
    clock,
  );
  expect(run.tasks["landed"]).toMatchObject({ state: "failed", error: { code: "SENSOR_TIMED_OUT" } });
  expect(looks.map((at) => (at - looks[0]!) / 60_000)).toEqual([0, 1, 3, 7, 12, 14]);
});

test("a sensor whose time is over skips, where it says so", async () => {
  const landed = sensor("landed", { every: "1m", timeout: "3m", onTimeout: "skip" }, () => undefined);
  const load = task("load", ({ file }: { file: never }) => file);
  const run = await runWorkflow(dag("files", {}, () => void load({ file: landed() })));
  expect([run.state, stateOf(run.tasks["landed"]), stateOf(run.tasks["load"])]).toEqual([
    "succeeded",
    "skipped",
    "skipped",
  ]);
});

test("a check that throws spends an attempt", async () => {
  let looks = 0;
  const landed = sensor("landed", { every: "1m", retries: 2 }, (): number | undefined => {
    looks++;
    throw new Error("no network");
  });
  const run = await runWorkflow(dag("files", {}, () => void landed()));
  expect([looks, stateOf(run.tasks["landed"])]).toEqual([3, "failed"]);
});

test("in a test of one task nobody waits", async () => {
  const nap = task("nap", async (_: void, ctx) => {
    await ctx.sleep("100h");
    return ctx.step("one", () => 1);
  });
  expect((await runTask(nap)).output).toBe(1);
});
