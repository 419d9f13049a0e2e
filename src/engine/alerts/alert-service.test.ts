import { afterEach, expect, test } from "vitest";
import { AlertWorld } from "../../../test/support/alert-world.ts";
import type { Alert } from "../../authoring/alert.ts";
import { deadline } from "../../authoring/alert-deadline.ts";
import { connection } from "../../authoring/connection.ts";
import { FailWithoutRetry } from "../../authoring/control.ts";
import { dag } from "../../authoring/dag.ts";
import { group } from "../../authoring/group.ts";
import { task } from "../../authoring/task.ts";
import { momentWindow } from "../../core/window.ts";

let told: Alert[] = [];
let world: AlertWorld;
const tell = (alert: Alert) => void told.push(alert);
const words = () =>
  told.map(({ event, task: name, count, attempt }) => `${event} ${name ?? "run"} ${count} ${attempt ?? "-"}`);
afterEach(async () => {
  told = [];
  await world.close();
});

const broken = task("load", { retries: 2, onRetry: tell, onFailure: tell, onSuccess: tell }, (_: void, ctx) => {
  ctx.log.info("loading");
  throw new Error(`no table, try ${ctx.attempt}`);
});

test("a task that is tried again says so, and only its last failure is one; the run's says which tasks", async () => {
  world = await AlertWorld.open(dag("retail", { onFailure: tell, onSuccess: tell }, () => void broken()));
  const id = await world.start();
  for (let n = 0; n < 3; n++) await world.later("1h");
  await world.ended(id);
  await world.alerts.settled();
  expect(words()).toEqual(["retry load 1 1", "retry load 1 2", "failed load 1 3", "failed run 1 -"]);
  expect(told.at(-1)).toMatchObject({
    workflow: "retail",
    runId: id,
    key: `retail/${id}`,
    error: { name: "Error", message: "no table, try 3" },
    failedTasks: [{ task: "load", count: 1 }],
    log: ["loading", "loading", "loading"],
    url: `https://tutti.example.com/runs/${id}`,
    undelivered: null,
  });
  expect(new Set(told.map((alert) => alert.id)).size).toBe(4);
});

test("what succeeds and what is skipped is told too; a workflow hears of the skips in it", async () => {
  const empty = task("empty", { onSkipped: tell }, (_: void, ctx) => ctx.skip("no sales"));
  const fine = task("fine", { onSuccess: tell }, () => 1);
  const all = dag("w", { onSkipped: tell, onSuccess: tell }, () => {
    empty();
    fine();
  });
  world = await AlertWorld.open(all);
  await world.run();
  expect(words().toSorted()).toEqual([
    "skipped empty 1 1",
    "skipped empty 1 1",
    "succeeded fine 1 1",
    "succeeded run 1 -",
  ]);
});

test("five hundred mapped tasks that fail at once are one message", async () => {
  const each = task("each", { onFailure: tell }, ({ n }: { n: number }) => {
    throw new Error(`no ${n}`);
  });
  const all = dag("w", {}, () => void each.map({ n: Array.from({ length: 500 }, (_, n) => n) }));
  world = await AlertWorld.open(all);
  await world.run();
  expect(told).toEqual([]);
  await world.later("3s");
  expect(words()).toEqual(["failed each 500 1"]);
  expect(told[0]?.error?.message).toMatch(/^no \d+$/);
});

test("in a group that runs again as one, a failure is the last word when the group has ended for good", async () => {
  const copy = task("copy", { onFailure: tell, onRetry: tell }, () => {
    throw new Error("not yet");
  });
  const slow = task("check", () => 1);
  const all = dag("w", {}, () => {
    group("stage", { retries: { limit: 1, delay: "1m" } }, () => {
      copy();
      slow();
    });
  });
  world = await AlertWorld.open(all);
  const id = await world.start();
  await world.later("1s");
  expect(words()).toEqual([]);
  await world.later("10m");
  await world.ended(id);
  await world.alerts.settled();
  expect(words()).toEqual(["retry copy 1 -", "failed copy 1 1"]);
});

test("a receiver that is down for an hour is told when it is back, under the same id", async () => {
  let tries = 0;
  const ids = new Set<string>();
  const opensAt = Date.parse("2025-01-01T01:00Z");
  const fails = task("load", () => Promise.reject(new Error("x")));
  const down = (alert: Alert) => {
    tries++;
    ids.add(alert.id);
    if (world.clock.date.getTime() < opensAt) throw new Error("503");
    told.push(alert);
  };
  world = await AlertWorld.open(dag("w", { onFailure: down }, () => void fails()));
  await world.run();
  await world.later("59m");
  expect([tries, told.length]).toEqual([4, 0]);
  await world.later("30m");
  expect([tries, told.length, ids.size]).toEqual([5, 1, 1]);
  expect([await world.states(), world.ops]).toEqual([["function down delivered 5"], []]);
});

test("one that throws every time is given up after five tries, and the configuration's receiver hears of both", async () => {
  const fails = task("load", () => Promise.reject(new Error("the cause")));
  const never = () => {
    throw new TypeError("bad receiver");
  };
  world = await AlertWorld.open(dag("w", { onFailure: never }, () => void fails()));
  await world.run();
  await world.later("2h");
  expect(await world.states()).toEqual(["function never failed 5", "ops delivered 1"]);
  expect(world.ops).toMatchObject([
    {
      event: "failed",
      workflow: "w",
      error: { message: "the cause" },
      undelivered: { to: "function never", error: { name: "TypeError", message: "bad receiver" } },
    },
  ]);
  expect(world.notices).toEqual(["function never could not be told (alert 1, 5 tries): bad receiver"]);
});

test("one that never ends has thirty seconds, and its signal says so", async () => {
  const fails = task("load", () => Promise.reject(new Error("x")));
  let aborted: unknown;
  const stuck = (_: Alert, { signal }: { signal: AbortSignal }) =>
    new Promise(() => signal.addEventListener("abort", () => (aborted = signal.reason)));
  world = await AlertWorld.open(dag("w", { onFailure: stuck }, () => void fails()));
  const id = await world.start();
  await world.ended(id);
  await world.clock.advance("29s");
  expect(aborted).toBe(undefined);
  await world.clock.advance("2s");
  expect(aborted).toMatchObject({ code: "ALERT_TIMED_OUT" });
  expect(await world.states()).toEqual(["function stuck trying 1"]);
  await world.clock.advance("3h");
  await world.alerts.settled();
  expect(await world.states()).toEqual(["function stuck failed 5", "ops delivered 1"]);
});

test("a notifier without its connection, and one that says it is of no use, are not tried again", async () => {
  const fails = task("load", () => Promise.reject(new Error("x")));
  const pager = connection("pager");
  const notifier = { name: "pager", notify: async () => void pager.resolve() };
  const final = () => {
    throw new FailWithoutRetry("the channel is gone");
  };
  const all = dag("w", { onFailure: [notifier, final] }, () => void fails());
  world = await AlertWorld.open(all);
  await world.run();
  expect(await world.states()).toEqual([
    "pager failed 1",
    "function final failed 1",
    "ops delivered 1",
    "ops delivered 1",
  ]);
  const why = world.ops.find(({ undelivered }) => undelivered?.to === "pager")?.undelivered?.error;
  expect(why?.message).toMatch(/TUTTI_CONNECTION_PAGER/);
});

test("what the configuration's receiver did not get is listed, and can be tried again", async () => {
  const fails = task("load", () => Promise.reject(new Error("x")));
  const final = () => {
    throw new FailWithoutRetry("no");
  };
  world = await AlertWorld.open(dag("w", { onFailure: final }, () => void fails()));
  world.opsFails = true;
  await world.run();
  await world.later("2h");
  expect(await world.states()).toEqual(["function final failed 1", "ops failed 5"]);
  world.opsFails = false;
  await world.store.alerts.again(2);
  world.alerts.look();
  await world.alerts.settled();
  expect([await world.states(), world.ops.length]).toEqual([["function final failed 1", "ops delivered 1"], 1]);
});

test("a problem with Tutti itself goes to the configuration's receiver, once", async () => {
  world = await AlertWorld.open(dag("w", {}, () => void task("a", () => 1)()));
  const error = { name: "LoadError", code: "FILE_THREW", message: "x.ts:1" };
  await world.alerts.problem(error, "x.ts");
  await world.alerts.problem(error, "x.ts");
  await world.alerts.settled();
  expect(world.ops).toMatchObject([{ event: "problem", workflow: null, runId: null, error, url: null, date: null }]);
});

test("a run without anybody to tell leaves nothing in the outbox", async () => {
  world = await AlertWorld.open(dag("w", {}, () => void task("a", () => Promise.reject(new Error("x")))()));
  await world.run();
  expect(await world.states()).toEqual([]);
});

test("a run that is not there by its deadline is late, once, and so is a task of it", async () => {
  const slow = task("slow", { onLate: tell, deadline: deadline("30m") }, (_: void, ctx) => ctx.sleep("3h"));
  const all = dag("w", { onLate: tell, deadline: deadline("08:00") }, () => void slow());
  world = await AlertWorld.open(all, ["ops"], "2025-08-13T07:00Z");
  const id = await world.start();
  await world.later("29m");
  expect(words()).toEqual([]);
  await world.later("2m");
  expect(words()).toEqual(["late slow 1 -"]);
  await world.later("30m");
  expect(words()).toEqual(["late slow 1 -", "late run 1 -"]);
  await world.later("5h");
  await world.ended(id);
  expect(words()).toHaveLength(2);
});

test("a run that ends in time is not late, and one that makes good an old window isn't either", async () => {
  const quick = task("quick", () => 1);
  const waits = task("waits", { onLate: tell, deadline: deadline("08:00") }, (_: void, ctx) => ctx.sleep("30m"));
  const all = dag("w", { onLate: tell, deadline: deadline("08:00"), slowAlerts: false }, () => {
    quick();
    waits();
  });
  world = await AlertWorld.open(all, ["ops"], "2025-08-13T07:00Z");
  await world.start();
  await world.start(momentWindow(Date.parse("2025-01-01T00:00Z") * 1000));
  await world.later("10h");
  expect(words()).toEqual([]);
});

test("from ten runs on, one that takes twice as long as usual is slow", async () => {
  let time = "10m";
  const work = task("work", (_: void, ctx) => ctx.sleep(time as "10m"));
  world = await AlertWorld.open(dag("w", { onLate: tell }, () => void work()));
  for (let run = 0; run < 10; run++) {
    await world.start();
    await world.later("11m");
  }
  time = "1h";
  await world.start();
  await world.later("19m");
  expect(words()).toEqual([]);
  await world.later("2m");
  expect(words()).toEqual(["slow run 1 -"]);
  await world.later("2h");
});
