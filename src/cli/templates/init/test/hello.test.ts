import assert from "node:assert/strict";
import { test } from "node:test";
import { runTask, simulate } from "tutti/testing";
import hello, { greet } from "../pipelines/hello.ts";

test("everybody is greeted, with the date of the run", async () => {
  const { output } = await runTask(greet, { names: ["Ada"] }, { date: "2025-08-12" });
  assert.deepEqual(output, [{ name: "Ada", text: "Hello Ada, this is about 2025-08-12." }]);
});

test("nothing is announced when the names can't be read", () => {
  const { run, tasks } = simulate(hello, { outcomes: { read_names: "failed" } });
  assert.equal(run, "failed");
  assert.equal(tasks.announce, "upstream_failed");
});
