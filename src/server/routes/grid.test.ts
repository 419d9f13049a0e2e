import { expect, test } from "vitest";
import { endedRun, runId, testServer } from "../fixture.test-data.ts";
import { sampleVersion } from "../../testing/store-samples.ts";

test("a thousand tasks in fifty runs are one answer of less than 100 KB", async () => {
  const { ask, engine } = await testServer();
  const names = Array.from({ length: 1000 }, (_, place) => `task_of_the_wide_one_${place}`);
  const wide = { ...sampleVersion("wide", names), hash: "a1", bundle: { hash: "b1", code: "", map: null } };
  const { workflows } = await engine.deploy({ versions: [wide], at: 1 });
  const { id, taskIds } = workflows[0]!.version;
  for (let number = 1; number <= 50; number++) await engine.store.commit([endedRun(runId(number), id, taskIds)]);
  const answer = await ask("/api/workflows/wide/grid?runs=50", { as: "local" });
  const text = await answer.text();
  const grid = JSON.parse(text) as { tasks: string[]; runs: { id: string; cells: string }[]; next: string | null };
  expect(grid.tasks).toEqual(names);
  expect(grid.runs.map((run) => run.id)).toEqual(Array.from({ length: 50 }, (_, place) => runId(50 - place)));
  expect(new Set(grid.runs.map(({ cells }) => cells))).toEqual(new Set([`${"s".repeat(999)}f`]));
  expect(grid.next).toBeNull();
  expect(text.length).toBeLessThan(100_000);
});

test("a page of the grid goes on where the last one ended", async () => {
  const { ask, fill } = await testServer();
  const { failed, going } = await fill();
  const read = async (query: string) =>
    (await (await ask(`/api/workflows/sales/grid${query}`, { as: "viewer" })).json()) as {
      runs: { id: string; cells: string; mapped: object }[];
      next: string | null;
    };
  const first = await read("?runs=1");
  expect(first.runs).toMatchObject([{ id: going, cells: ".." }]);
  const second = await read(`?runs=1&cursor=${first.next}`);
  expect(second.runs).toMatchObject([{ id: failed, cells: "sf", mapped: {} }]);
  expect(second.next).toBeNull();
});
