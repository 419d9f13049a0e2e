import { dag, group, task } from "tutti";

export const step = task("step", async ({ from }: { from: readonly number[] }) => from.length);
export const source = task("source", () => 1);

/** Enough tasks and groups for a graph to be worth drawing. */
export default dag("wide", { description: "Sources, staging and marts", tags: ["graph"] }, () => {
  const sources = Array.from({ length: 5 }, (_, at) => source.as(`source_${at}`)());
  const staged = group("staging", () => sources.map((each, at) => step.as(`stage_${at}`)({ from: [each] })));
  const marts = group("marts", () =>
    Array.from({ length: 3 }, (_, at) => step.as(`mart_${at}`)({ from: [staged.out[at]!, staged.out[at + 2]!] })),
  );
  step.as("publish")({ from: [...marts.out] });
});
