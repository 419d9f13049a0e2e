import { afterEach, expect, test } from "vitest";
import { dag } from "../authoring/dag.ts";
import { maybe } from "../authoring/absent.ts";
import { branch } from "../authoring/branch.ts";
import { group } from "../authoring/group.ts";
import { resource } from "../authoring/resource.ts";
import { task } from "../authoring/task.ts";
import { fakeClock } from "./fake-clock.ts";
import { closeStages, stage, turn } from "./restart-stage.test-data.ts";
import { runWorkflow } from "./run-workflow.ts";
import { simulate } from "./simulate.ts";

const done: string[] = [];
afterEach(async () => {
  done.length = 0;
  await closeStages();
});

const cluster = resource("cluster", {
  setup: ({ size }: { size: number }, ctx) => {
    done.push("setup");
    return { url: `spark://${ctx.runInfo.id.slice(0, 4)}`, size };
  },
  teardown: (made) => void done.push(`teardown ${made === undefined ? "nothing" : made.size}`),
});
const work = task("work", ({ url }: { url: string }) => {
  done.push("work");
  return url;
});
const fails = task("fails", ({ url }: { url: string }) => {
  done.push("fails");
  throw new Error(`no ${url.slice(0, 5)}`);
});
const hangs = task("hangs", async ({ url }: { url: string }, ctx) => {
  done.push("hangs");
  await new Promise((_, reject) => ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason as Error)));
  return url;
});
const last = task("last", () => void done.push("last"));
const state = (of: unknown) => (of as { readonly state: string } | undefined)?.state;

test("what setup returns is given to the tasks that use it and to teardown, which comes after the last of them", async () => {
  const run = await runWorkflow(
    dag("uses", {}, () => {
      const { url } = cluster({ size: 3 });
      const first = work({ url });
      work.as("second")({ url }).after(first);
    }),
  );

  expect(run.state).toBe("succeeded");
  expect(done).toEqual(["setup", "work", "work", "teardown 3"]);
  expect(run.tasks["second"]).toMatchObject({ output: expect.stringMatching(/^spark:/) });
});

test("a task that only comes after what uses it does not keep it", async () => {
  const run = await runWorkflow(
    dag("follows", {}, () => {
      const parts = group("parts", () => void work({ url: cluster({ size: 1 }).url }));
      last().after(parts);
    }),
    { slots: 1 },
  );

  expect(run.state).toBe("succeeded");
  expect(done.toSorted()).toEqual(["last", "setup", "teardown 1", "work"]);
  expect(simulate(follows(), { outcomes: { last: "pending" } }).tasks["cluster.teardown"]).toBe("succeeded");
});

const follows = () =>
  dag("follows_too", {}, () => {
    const parts = group("parts", () => void work({ url: cluster({ size: 1 }).url }));
    last().after(parts);
  });

test("it is taken down when a task that uses it fails, and the run has failed", async () => {
  const run = await runWorkflow(dag("breaks", {}, () => void fails({ url: cluster({ size: 2 }).url })));

  expect(run.state).toBe("failed");
  expect(done).toEqual(["setup", "fails", "teardown 2"]);
});

test("a setup that fails is taken down without a value, and what uses it never runs", async () => {
  const half = resource("half", {
    setup: (): { url: string } => {
      throw new Error("out of machines");
    },
    teardown: (made) => void done.push(`teardown ${made?.url}`),
  });
  const run = await runWorkflow(
    dag("halves", {}, () => {
      const made = half();
      work({ url: made.url }).when("all_done");
      last().after(made).when("always");
      task(
        "copes",
        ({ url }: { url: string | undefined }) => void done.push(`copes ${String(url)}`),
      )({ url: maybe(made.url) });
    }),
  );

  expect(run.state).toBe("failed");
  expect(state(run.tasks["work"])).toBe("upstream_failed");
  expect(state(run.tasks["last"])).toBe("upstream_failed");
  expect(done).toEqual(["copes undefined", "teardown undefined"]);
});

test("a teardown that fails is shown, and the run ends as its tasks did", async () => {
  const stays = resource("stays", {
    setup: () => 7,
    teardown: () => {
      throw new Error("still in use");
    },
    retries: 1,
  });
  const run = await runWorkflow(dag("leaves", {}, () => void last().after(stays())));

  expect(run.state).toBe("succeeded");
  expect(run.tasks["stays.teardown"]).toMatchObject({
    state: "failed",
    attempts: 2,
    error: { message: "still in use" },
  });
});

test("no trigger rule counts it", async () => {
  const run = await runWorkflow(
    dag("rules", {}, () => {
      const made = cluster({ size: 1 });
      const broken = fails({ url: made.url });
      last().after(made, broken).when("all_failed");
      task("any", () => void done.push("any"))()
        .after(made, broken)
        .when("one_success");
    }),
  );

  expect(state(run.tasks["last"])).toBe("succeeded");
  expect(state(run.tasks["any"])).toBe("upstream_failed");
});

test("what no branch has chosen is not set up, and not taken down", async () => {
  const way = branch("way", (): "plain" | "big" => "plain");
  const run = await runWorkflow(
    dag("chooses", {}, () => {
      const made = cluster({ size: 1 });
      way().to({ plain: last(), big: [made, work({ url: made.url })] });
    }),
  );

  expect(run.state).toBe("succeeded");
  expect(run.tasks["cluster.teardown"]).toMatchObject({ state: "skipped", skipped: "nothing was set up" });
  expect(done).toEqual(["last"]);
});

test("what was set up in another is taken down before it", async () => {
  const schema = resource("schema", {
    setup: ({ url }: { url: string }) => {
      done.push("schema");
      return url;
    },
    teardown: () => void done.push("drop schema"),
  });
  await runWorkflow(dag("nests", {}, () => void work({ url: schema({ url: cluster({ size: 1 }).url }) })));

  expect(done).toEqual(["setup", "schema", "work", "drop schema", "teardown 1"]);
});

test("with failFast, and when its time is over, a run takes down what it has set up before it ends", async () => {
  const fast = await runWorkflow(
    dag("fast", { failFast: true }, () => {
      const { url } = cluster({ size: 4 });
      hangs({ url });
      fails({ url });
    }),
  );
  expect(fast.state).toBe("failed");
  expect(done.at(-1)).toBe("teardown 4");

  done.length = 0;
  const clock = fakeClock("2026-01-01T00:00Z");
  const running = runWorkflow(
    dag("timed", { timeout: "1h" }, () => void hangs({ url: cluster({ size: 5 }).url })),
    { clock },
  );
  const over = new AbortController();
  void running.finally(() => over.abort());
  while (!over.signal.aborted) await clock.advance("10s");
  expect((await running).state).toBe("failed");
  expect(done).toEqual(["setup", "hangs", "teardown 5"]);
});

test("a cancelled run takes down what it has set up, also when another process goes on with it, and is cancelled", async () => {
  let isAway = true;
  const slow = resource("slow", {
    setup: () => ({ url: "spark://a" }),
    teardown: async (made, ctx) => {
      done.push(`teardown ${made?.url ?? "nothing"} ${ctx.attempt}`);
      // The first one does not live to see the end of it.
      if (isAway) await new Promise((_, reject) => ctx.signal.addEventListener("abort", reject));
      done.push("down");
    },
  });
  const { start, version, window, states } = await stage(
    dag("stops", {}, () => {
      const { url } = slow();
      last().after(hangs({ url }));
    }),
  );
  const before = start();
  const id = await before.submit({ version, window, trigger: "manual" });
  while (!done.includes("hangs")) await turn();
  await before.cancel(id);
  while (!done.some((line) => line.startsWith("teardown"))) await turn();
  expect(await states(id)).toMatchObject({ hangs: "cancelled", last: "cancelled", "slow.teardown": "running" });
  // Once more: it is not told to stop by that.
  await before.cancel(id);
  await before.close(0);
  isAway = false;

  const after = start();
  await after.resume(id);
  expect(await after.ended(id)).toBe("cancelled");
  await after.settled();
  expect(done).toEqual(["hangs", "teardown spark://a 1", "teardown spark://a 1", "down"]);
  expect(await states(id)).toMatchObject({ "slow.setup": "succeeded", "slow.teardown": "succeeded" });
});

test("a retry sets it up anew for what runs again, and takes it down again", async () => {
  let isBroken = true;
  const keys: string[] = [];
  const keyed = resource("keyed", {
    setup: (_: void, ctx) => {
      keys.push(ctx.idempotencyKey);
      return { n: keys.length };
    },
    teardown: (made) => void done.push(`teardown ${String(made?.n)}`),
  });
  const uses = task("uses", ({ n }: { n: number }) => void done.push(`uses ${n}`));
  const mends = task("mends", ({ n }: { n: number }) => {
    done.push(`mends ${n}`);
    if (isBroken) throw new Error("broken");
  });
  const { start, version, window } = await stage(
    dag("again", {}, () => {
      const { n } = keyed();
      const first = uses({ n });
      mends({ n }).after(first);
    }),
  );
  const engine = start();
  const id = await engine.submit({ version, window, trigger: "manual" });
  expect(await engine.ended(id)).toBe("failed");
  isBroken = false;
  await engine.retry(id);
  expect(await engine.ended(id)).toBe("succeeded");

  expect(done).toEqual(["uses 1", "mends 1", "teardown 1", "mends 2", "teardown 2"]);
  expect(new Set(keys).size).toBe(2);
});

test("a retry of a run that left something behind takes that down, and nothing else", async () => {
  let isStuck = true;
  const stuck = resource("stuck", {
    setup: () => void done.push("setup"),
    teardown: () => {
      done.push("teardown");
      if (isStuck) throw new Error("in use");
    },
  });
  const { start, version, window, states } = await stage(dag("left", {}, () => void last().after(stuck())));
  const engine = start();
  const id = await engine.submit({ version, window, trigger: "manual" });
  expect(await engine.ended(id)).toBe("succeeded");
  expect(await states(id)).toMatchObject({ "stuck.teardown": "failed" });
  isStuck = false;
  await engine.retry(id);
  expect(await engine.ended(id)).toBe("succeeded");

  expect(done).toEqual(["setup", "last", "teardown", "teardown"]);
  await expect(engine.retry(id)).rejects.toMatchObject({ code: "NOTHING_TO_RETRY" });
});

test("a setup can't be marked while what it has set up is there; a teardown can, and what was set up stays", async () => {
  const { start, version, window, states } = await stage(
    dag("marks", {}, () => void hangs({ url: cluster({ size: 6 }).url })),
  );
  const engine = start();
  const id = await engine.submit({ version, window, trigger: "manual" });
  while (!done.includes("hangs")) await turn();
  const mark = (name: string) =>
    engine.control(id, { kind: "mark_task", task: name, as: "skipped", reason: "I look at it" });
  await expect(mark("cluster.setup")).rejects.toMatchObject({ code: "RESOURCE_IN_USE" });
  await mark("cluster.teardown");
  await engine.control(id, { kind: "cancel_task", task: "hangs" });
  expect(await engine.ended(id)).toBe("failed");

  expect(done).toEqual(["setup", "hangs"]);
  expect(await states(id)).toMatchObject({ "cluster.teardown": "skipped" });
});

test("simulate takes down what was set up, whatever becomes of what uses it", () => {
  const workflow = dag("simulated", {}, () => void work({ url: cluster({ size: 1 }).url }));

  expect(simulate(workflow, { outcomes: { work: "failed" } })).toMatchObject({
    run: "failed",
    tasks: { "cluster.teardown": "succeeded" },
  });
  expect(simulate(workflow, { outcomes: { "cluster.setup": "failed" } }).tasks).toMatchObject({
    work: "upstream_failed",
    "cluster.teardown": "succeeded",
  });
  expect(simulate(workflow, { outcomes: { "cluster.teardown": "failed" } }).run).toBe("succeeded");
});
