import { chain, dag, type Task, task } from "tutti";

const nothing = task("nothing", () => {});
const list = task("list", ({ n }: { n: number }) => Array.from({ length: n }, (_, i) => i));
const one = task("one", ({ i }: { i: number }) => i);
const join = task("join", ({ all }: { all: readonly number[] }) => all.length);
/** On the clock that all processes of a machine share. */
const moment = task("moment", () => Number(process.hrtime.bigint()) / 1e6);

export const chain40 = row(40);
export const chain10 = row(10);
export const fan1000 = fan(1_000);
export const fan100 = fan(100);
export const fan20 = fan(20);
export const trigger = dag("trigger", {}, () => {
  moment();
});

function row(length: number) {
  return dag(`chain_${length}`, {}, () => chain(...repeat(length, nothing)));
}

/** With a task that makes the list, so that it is one more than the others' fan-out. */
function fan(width: number) {
  return dag(`fan_${width}`, {}, () => {
    join({ all: one.map({ i: list({ n: width }) }) });
  });
}

function repeat(count: number, of: Task<void, void>) {
  return Array.from({ length: count }, () => of());
}
