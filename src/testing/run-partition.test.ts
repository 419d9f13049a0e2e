import { expect, test } from "vitest";
import { asset, dag, partitions, task } from "../index.ts";
import { runWorkflow } from "./run-workflow.ts";

const days = partitions.daily({ start: "2025-01-01" });
const sales = asset("sales", {
  partitions: partitions.multi({ day: days, region: partitions.static(["emea", "apac"]) }),
});
const load = task("load", { produces: sales }, (_: void, ctx) => ({ made: ctx.partition, date: ctx.date }));
const regions = dag("regions", {}, () => void load());

test("a workflow is run for a partition, and is told which", async () => {
  const run = await runWorkflow(regions, { partition: "day=2025-01-02|region=apac" });
  expect(run.tasks["load"]).toMatchObject({
    output: {
      made: { key: "2025-01-02|apac", dimensions: { day: "2025-01-02", region: "apac" } },
      date: "2025-01-02",
    },
  });
  expect((await runWorkflow(regions)).tasks["load"]).toMatchObject({ output: { made: null } });
  await expect(runWorkflow(regions, { partition: "2025-01-02|mars" })).rejects.toMatchObject({
    code: "PARTITION_UNKNOWN",
  });
});
