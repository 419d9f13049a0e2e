import { afterEach, expect, test } from "vitest";
import { dag } from "../authoring/dag.ts";
import { task } from "../authoring/task.ts";
import { closeStages, stage } from "./restart-stage.test-data.ts";

afterEach(closeStages);

test("a run whose time was over fails, also where its scheduler has died before its tasks had ended", async () => {
  const begun = Promise.withResolvers<void>();
  const deaf = task("deaf", () => new Promise<string>(() => begun.resolve()));
  const { clock, start, store, version, window } = await stage(dag("timed", { timeout: "1h" }, () => void deaf()));
  const before = start();
  const id = await before.submit({ version, window, trigger: "manual" });
  await begun.promise;
  await clock.advance("1h");
  await expect.poll(async () => (await store.loadRun(id))?.run).toMatchObject({ state: "running", timedOut: true });

  // The first one is not heard of any more.
  const after = start();
  await after.resume(id);

  expect(await after.ended(id)).toBe("failed");
  const { taskRuns } = (await store.loadRun(id))!;
  expect(taskRuns).toMatchObject([{ state: "failed", error: { code: "RUN_TIMED_OUT" } }]);
});
