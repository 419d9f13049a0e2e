import { chain, dag, type Task, task } from "tutti";

const nothing = task("nothing", () => {});
const list = task("list", ({ n }: { n: number }) => Array.from({ length: n }, (_, i) => i));
const one = task("one", ({ i }: { i: number }) => i);
const join = task("join", ({ all }: { all: readonly number[] }) => all.length);
const moment = task("moment", () => Number(process.hrtime.bigint()) / 1e6);
const sleeper = task("sleeper", async ({ i }: { i: number }) => {
  await new Promise((resolve) => setTimeout(resolve, 30_000));
  return i;
});

/** 40 tasks, one after the other. */
export const chain40 = dag("chain_40", {}, () => chain(...repeat(40, nothing)));
/** 10 tasks, one after the other. */
export const ten = dag("ten", {}, () => chain(...repeat(10, nothing)));
/** A list, one task run for each element, and one that reads them all. */
export const fan1000 = fan("fan_1000", 1_000);
export const fan10000 = fan("fan_10000", 10_000);
/** One task that says when its first line ran, on the clock that all processes of a machine share. */
export const trigger = dag("trigger", {}, () => {
  moment();
});
const tick = task("tick", () => new Promise<void>((resolve) => setTimeout(resolve, 100)));
/** Takes 15 seconds, and a task of it ends ten times a second. */
export const ticking = dag("ticking", {}, () => chain(...repeat(150, tick)));
/** 10,000 task runs that are alive at once. */
export const live10000 = dag("live_10000", {}, () => {
  sleeper.map({ i: list({ n: 10_000 }) });
});

/** So many wait at once. Of these, `STEADY` come back one a millisecond, and all others at one moment after that. */
const WAITING = 100_000;
const STEADY = 20_000;
const WAIT_MS = 150_000;
const BURST_MS = 30_000;
/** Says how late it went on. */
const waiter = task("waiter", async ({ i }: { i: number }, ctx) => {
  const due = ctx.interval.start.getTime() + WAIT_MS + (i < STEADY ? i : BURST_MS);
  await ctx.sleep(Math.max(0, due - Date.now()));
  return performance.timeOrigin + performance.now() - due;
});
export const waiting100000 = dag("waiting_100000", {}, () => {
  waiter.map({ i: list({ n: WAITING }) });
});

function fan(name: string, n: number) {
  return dag(name, {}, () => {
    join({ all: one.map({ i: list({ n }) }) });
  });
}

const repeat = (count: number, of: Task<void, void>) => Array.from({ length: count }, () => of());
