import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { dag } from "../authoring/dag.ts";
import { flow } from "../authoring/flow.ts";
import { daily, hourly } from "../authoring/schedule-calendar.ts";
import { task } from "../authoring/task.ts";
import type { Workflow } from "../authoring/workflow.ts";
import { RunFailed } from "../authoring/workflow-run.ts";
import { TuttiError } from "../core/errors.ts";
import { answerOf } from "../engine/events/called-run.ts";
import { windowOfDate } from "../core/window.ts";
import { closeStages, stage, turn } from "./restart-stage.test-data.ts";
import { runWorkflow } from "./run-workflow.ts";

afterEach(closeStages);

const double = task("double", async ({ n }: { n: number }) => n * 2);
const each = task("each", async ({ n }: { n: number }) => n + 1);
const numbers = dag("numbers", { params: z.object({ n: z.number() }) }, ({ params }) => {
  double({ n: params.n });
  each.map({ n: [1, 2, 3] });
});
const sum = flow(
  "sum",
  { params: z.object({ n: z.number() }) },
  async ({ n }, ctx) => (await ctx.run(double, { n })) + 1,
);
const boom = dag("boom", {}, () => {
  task("bang", (): void => {
    throw new Error("no such file");
  })();
});

const calls = (called: Workflow | string, params?: object) =>
  dag("caller", {}, () => {
    task("call", async (_: void, ctx) => {
      try {
        return (await ctx.runWorkflow(called, params)).output;
      } catch (error) {
        const { code, message } = error as RunFailed;
        return {
          code,
          message,
          isRunFailed: error instanceof RunFailed,
          cause: (error as Error).cause instanceof Error,
        };
      }
    })();
  });

const output = async (called: Workflow | string, params: object | undefined, ...workflows: Workflow[]) => {
  const run = await runWorkflow(calls(called, params), { workflows });
  return (run.tasks["call"] as { readonly output: unknown }).output;
};

test("a graph gives what its last tasks returned, by name, and a flow what its body did", async () => {
  expect(await output(numbers, { n: 4 }, numbers)).toEqual({ double: 8, each: [2, 3, 4] });
  expect(await output("sum", { n: 4 }, sum)).toBe(9);
});

test("a run that failed rejects with its first failure", async () => {
  expect(await output(boom, undefined, boom)).toEqual({
    code: "RUN_FAILED",
    isRunFailed: true,
    cause: true,
    message: expect.stringMatching(/^Run ".+" of workflow "boom" failed: task "bang" failed: no such file$/) as string,
  });
});

test("what can't be started is said by name: no such workflow, params that are not what it takes, nothing that is a workflow", async () => {
  expect(await output("nowhere", undefined)).toMatchObject({
    code: "WORKFLOW_NOT_FOUND",
    message: expect.stringContaining('"nowhere"') as string,
  });
  expect(await output(numbers, { n: "four" }, numbers)).toMatchObject({ code: "PARAMS_INVALID" });
  expect(await output(boom, { n: 4 }, boom)).toMatchObject({ code: "PARAMS_UNEXPECTED" });
  expect(await output(17 as never, undefined)).toMatchObject({ code: "NOT_A_WORKFLOW" });
});

test("a workflow that waits for this run is not started again by it", async () => {
  const inner = dag("inner", {}, () => void task("back", async (_: void, ctx) => ctx.runWorkflow("caller"))());

  expect(await output(inner, undefined, inner)).toMatchObject({
    code: "RUN_FAILED",
    message: expect.stringContaining('"caller" -> "inner" -> "caller"') as string,
  });
});

test("an attempt after a failed run starts another one, and a run that succeeded is not started again", async () => {
  let tries = 0;
  const flaky = dag("flaky", {}, () => {
    task("once", () => {
      if (++tries === 1) throw new Error("not yet");
      return tries;
    })();
  });
  let after = 0;
  const caller = dag("caller", {}, () => {
    task("call", { retries: 3 }, async (_: void, ctx) => {
      const { output: value } = await ctx.runWorkflow(flaky);
      if (++after === 1) throw new Error("after it");
      return value;
    })();
  });

  const run = await runWorkflow(caller, { workflows: [flaky] });

  expect(run.tasks["call"]).toMatchObject({ state: "succeeded", output: { once: 2 } });
  expect([tries, after]).toEqual([2, 2]);
});

test("through restarts it is one run, and its end is heard of", async () => {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const slow = dag("slow", {}, () => {
    task("wait", async () => {
      begun.resolve();
      await gate.promise;
      return "done";
    })();
  });
  const caller = calls(slow);
  const { store, version, start, window, clock } = await stage(caller, slow);
  const reader = store.reader();
  let engine = start();
  const id = await engine.submit({ version, window, trigger: "manual" });
  await begun.promise;

  await engine.close(0);
  engine = start();
  for (const run of await store.unfinishedRuns()) await engine.resume(run);
  gate.resolve();
  while ((await reader.runHead(id))?.run.state !== "succeeded") await clock.advance(1);

  const runs = await reader.listRuns({ limit: 10 });
  expect(runs.map(({ workflow, state, trigger }) => `${workflow} ${state} ${trigger}`).toSorted()).toEqual([
    "caller succeeded manual",
    "slow succeeded run",
  ]);
  expect(runs.map(({ date }) => date)).toEqual([window.date, window.date]);
  const [call] = (await reader.runDetail(id))!.taskRuns;
  expect(call).toMatchObject({ state: "succeeded", output: { text: expect.stringContaining("done") as string } });
});

test("a run whose start was recorded, and its answer lost, goes on all the same", async () => {
  const { store, version, start, window, clock } = await stage(calls(numbers, { n: 4 }), numbers);
  const { calls: recorded } = store;
  const starts = recorded.start.bind(recorded);
  let asked = 0;
  recorded.start = async (...of) => {
    await starts(...of);
    asked++;
    throw new TuttiError("STORE_BUSY", "somebody else writes");
  };
  const id = await start().submit({ version, window, trigger: "manual" });
  while ((await store.reader().runHead(id))?.run.state !== "succeeded") await clock.advance(100);

  expect(asked).toBe(1);
  expect((await store.reader().listRuns({ workflow: "numbers", limit: 10 })).map(({ state }) => state)).toEqual([
    "succeeded",
  ]);
});

test("a run that somebody runs anew is waited for again by whoever had its value and runs again", async () => {
  let gate = Promise.resolve();
  const made = dag("made", {}, () => void task("value", () => gate.then(() => "made"))());
  const caller = dag("caller", {}, () => {
    task("call", async (_: void, ctx) => {
      const { output } = await ctx.runWorkflow(made);
      await ctx.sleep("1h");
      return output;
    })();
  });
  const { store, version, start, sleeps, window, clock } = await stage(caller, made);
  const reader = store.reader();
  const before = start();
  const id = await before.submit({ version, window, trigger: "manual" });
  await sleeps(id);
  await before.close(0);

  const [called] = await reader.listRuns({ workflow: "made", limit: 1 });
  const opened = Promise.withResolvers<void>();
  gate = opened.promise;
  const engine = start();
  await engine.retry(called!.id, { fresh: true });
  await engine.resume(id);
  await clock.advance(3_600_000);
  while (!(await reader.runDetail(id))!.taskRuns.some(({ wait }) => wait?.kind === "run")) await turn();
  opened.resolve();
  while ((await reader.runHead(id))?.run.state !== "succeeded") await clock.advance(1);

  expect((await reader.runDetail(id))!.taskRuns[0]!.output).toEqual({ kind: "inline", text: '[{"value":1},"made"]' });
});

test("a run that is opened again while its results are read has not ended", async () => {
  const { store, version, start, window } = await stage(numbers);
  const engine = start();
  const id = await engine.submit({ version, window, params: { n: 4 }, trigger: "manual" });
  await engine.ended(id);
  const { calls: recorded } = store;
  const results = recorded.results.bind(recorded);
  recorded.results = async (...of) => {
    recorded.results = results;
    // Its tasks have not begun yet.
    engine.drain();
    await engine.retry(id, { fresh: true });
    return results(...of);
  };

  expect(await answerOf(store, { kind: "end", run: id })).toMatchObject({ state: "running", tasks: [] });
});

test("a refused run is refused once, whoever asks again", async () => {
  const { store, version, start, window, clock } = await stage(calls("nowhere"));
  let engine = start();
  const id = await engine.submit({ version, window, trigger: "manual" });
  await engine.close(0);
  engine = start();
  await engine.resume(id);
  while ((await store.reader().runHead(id))?.run.state !== "succeeded") await clock.advance(1);

  expect(await store.events.recent({ kind: "refused", limit: 10 })).toHaveLength(1);
});

const windows = async (options: { readonly onFailure?: "fail"; readonly timeout?: string } = {}) => {
  let fails = false;
  const hours = dag("hours", { schedule: hourly(), start: "2025-12-01" }, () => {
    task("hour", () => {
      if (fails) throw new Error("no data");
    })();
  });
  const report = dag("report", { schedule: daily(), start: "2025-12-01" }, () => {
    task("report", async (_: void, ctx) => (await ctx.waitForWindow(hours, options)).length)();
  });
  const { store, version, start, clock } = await stage(report, hours);
  const engine = start();
  const hourly24 = (await store.latestVersion("hours"))!;
  const window = windowOfDate(version.manifest.schedules[0]!, "2025-12-24")!;
  const id = await engine.submit({ version, window, trigger: "manual" });
  const reader = store.reader();
  const taskRun = async () => (await reader.runDetail(id))!.taskRuns[0];
  while ((await taskRun())?.state !== "deferred") await turn();
  const hour = async (at: number, failing = false) => {
    fails = failing;
    const start = window.start + at * 3_600_000_000;
    const its = { ...window, start, end: start + 3_600_000_000 };
    await engine.ended(await engine.submit({ version: hourly24, window: its, trigger: "manual" }));
  };
  const ended = async () => {
    while (!["succeeded", "failed"].includes((await reader.runHead(id))!.run.state)) await clock.advance(600_000);
    return taskRun();
  };
  return { hour, taskRun, ended, engine };
};

test("a day waits until all of its hours have succeeded, one of them the second time", async () => {
  const { hour, taskRun, ended, engine } = await windows();
  for (let at = 0; at < 23; at++) await hour(at);
  await hour(23, true);
  await engine.settled();
  expect((await taskRun())?.state).not.toBe("succeeded");

  await hour(23);

  expect(await ended()).toMatchObject({
    state: "succeeded",
    output: { text: expect.stringContaining("24") as string },
  });
});

test("where a failure is not to be waited out, it is one", async () => {
  const { hour, ended } = await windows({ onFailure: "fail" });

  await hour(3, true);

  expect(await ended()).toMatchObject({ state: "failed", error: { code: "RUN_FAILED", name: "RunFailed" } });
});

test("a window that does not come in time is an error that says which", async () => {
  const { ended } = await windows({ timeout: "1h" });

  expect(await ended()).toMatchObject({
    state: "failed",
    error: { code: "WINDOW_TIMED_OUT", message: expect.stringContaining("tutti why hours") as string },
  });
});

test("nobody waits for the window that it does itself", async () => {
  const own = dag("own", { schedule: daily(), start: "2025-12-01" }, () => {
    task("wait", async (_: void, ctx) => ctx.waitForWindow("own"))();
  });

  const run = await runWorkflow(own, { date: "2025-12-24" });

  expect(run.tasks["wait"]).toMatchObject({ state: "failed", error: { code: "WAITS_FOR_ITSELF" } });
});
