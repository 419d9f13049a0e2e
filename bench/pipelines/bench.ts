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
/** 10,000 task runs that are alive at once. */
export const live10000 = dag("live_10000", {}, () => {
  sleeper.map({ i: list({ n: 10_000 }) });
});

function fan(name: string, n: number) {
  return dag(name, {}, () => {
    join({ all: one.map({ i: list({ n }) }) });
  });
}

const repeat = (count: number, of: Task<void, void>) => Array.from({ length: count }, () => of());
