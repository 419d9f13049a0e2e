import { expect, test } from "vitest";
import { dag } from "../authoring/dag.ts";
import { group } from "../authoring/group.ts";
import { task } from "../authoring/task.ts";
import { fakeClock } from "./fake-clock.ts";
import { runWorkflow, type TaskRunResult } from "./run-workflow.ts";

const COUNT = Array.from({ length: 500 }, (_, i) => i);
const until = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));

test("with failFast one failure stops the run: what runs is told to stop, the rest is cancelled, and it has failed", async () => {
  const work = task("work", ({ i }: { i: number }, ctx) => {
    if (i === 3) throw new Error("broken");
    return until(ctx.signal);
  });
  const later = task("later", () => 1);
  const run = await runWorkflow(dag("fast", { failFast: true }, () => void later().after(work.map({ i: COUNT }))));
  expect(run.state).toBe("failed");
  const states = Object.groupBy(run.tasks["work"] as readonly TaskRunResult[], ({ state }) => state);
  expect(states.failed).toHaveLength(1);
  expect(states.cancelled).toHaveLength(499);
  expect(run.tasks["later"]).toMatchObject({ state: "upstream_failed" });
});

test("with failFast five hundred that fail at once end the run once, as failed", async () => {
  const work = task("work", ({ i }: { i: number }) => {
    throw new Error(`broken ${i}`);
  });
  const run = await runWorkflow(
    dag("fast", { failFast: true }, () => void work.map({ i: COUNT })),
    { slots: 500 },
  );
  expect(run.state).toBe("failed");
  expect(
    (run.tasks["work"] as readonly TaskRunResult[]).every(({ state }) => state === "failed" || state === "cancelled"),
  ).toBe(true);
});

test("with failFast a failure that is allowed, or that a retry may mend, stops nothing", async () => {
  let tries = 0;
  const allowed = task("allowed", { allowFailure: true }, () => {
    throw new Error("so what");
  });
  const flaky = task("flaky", () => {
    if (++tries === 1) throw new Error("once");
  });
  const last = task("last", () => 1);
  const run = await runWorkflow(
    dag("fast", { failFast: true }, () => {
      allowed();
      const part = group("part", { retries: 1 }, () => flaky());
      last().after(part);
    }),
  );
  expect(run.state).toBe("succeeded");
  expect(run.tasks["last"]).toMatchObject({ state: "succeeded" });
});

test("a run whose time is over fails: what runs is told to stop, what waits never starts", async () => {
  const clock = fakeClock("2026-01-01T00:00Z");
  const slow = task("slow", (_: void, ctx) => until(ctx.signal));
  const nap = task("nap", async (_: void, ctx) => ctx.sleep("3h"));
  const later = task("later", () => 1);
  const running = runWorkflow(
    dag("timed", { timeout: "1h" }, () => {
      later().after(slow());
      nap();
    }),
    { clock },
  );
  const over = new AbortController();
  void running.finally(() => over.abort());
  const begins = clock.now();
  // Its hour begins when the run does, which takes some turns of the loop.
  while (!over.signal.aborted) await clock.advance("1s");
  expect((clock.now() - begins) / 60_000_000).toBeGreaterThanOrEqual(60);
  const run = await running;
  expect(run.state).toBe("failed");
  for (const name of ["slow", "nap", "later"])
    expect(run.tasks[name]).toMatchObject({ state: "failed", error: { code: "RUN_TIMED_OUT" } });
});

test("a run that ends in time is not hurried", async () => {
  const quick = task("quick", async (_: void, ctx) => ctx.sleep("30m"));
  const run = await runWorkflow(dag("timed", { timeout: "1h" }, () => void quick()));
  expect(run.state).toBe("succeeded");
});
