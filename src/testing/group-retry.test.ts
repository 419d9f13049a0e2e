import { afterEach, expect, test } from "vitest";
import { dag } from "../authoring/dag.ts";
import { group } from "../authoring/group.ts";
import { task } from "../authoring/task.ts";
import { closeStages, stage } from "./restart-stage.test-data.ts";

afterEach(closeStages);

test("what read single elements of a task ends when that comes to its end without elements in a group's retry", async () => {
  let tries = 0;
  let isGone = false;
  const list = task("list", (_: void, ctx) => (isGone ? ctx.skip("there is nothing any more") : [0, 1]));
  const part = task("part", ({ i }: { i: number }) => {
    if (i > 0) return i;
    // With the third try its group runs again, in the second generation.
    if (++tries === 3) isGone = true;
    throw new Error("broken");
  });
  const next = task("next", ({ i }: { i: number }) => i);
  const { start, version, window, states, clock } = await stage(
    dag("shrinks", {}, () => {
      const parts = group("parts", { retries: { limit: 1, delay: 1, jitter: "none" } }, () => part.map({ i: list() }));
      next.map({ i: parts.out });
    }),
  );
  const engine = start();
  const ends = async (id: string) => {
    const over = new AbortController();
    const ended = engine.ended(id).finally(() => over.abort());
    while (!over.signal.aborted) await clock.advance("1s");
    return ended;
  };
  const id = await engine.submit({ version, window, trigger: "manual" });
  expect(await ends(id)).toBe("failed");
  expect(await states(id)).toMatchObject({ "next[0]": "upstream_failed", "next[1]": "succeeded" });

  await engine.retry(id);

  expect(await ends(id)).toBe("succeeded");
  expect(await states(id)).toMatchObject({ list: "skipped", "next[0]": "skipped", "next[1]": "succeeded" });
});
