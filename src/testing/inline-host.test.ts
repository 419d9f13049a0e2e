import { chain, dag, task, type Context } from "tutti";
import { expect, test } from "vitest";
import { build } from "../authoring/build.ts";
import { decodeValue, encodeValue } from "../core/value-codec.ts";
import type { HostListener } from "../engine/worker-host.ts";
import type { Assignment, Finished, RunInfo } from "../runtime/protocol.ts";
import { InlineHost } from "./inline-host.ts";
import { tempFolder } from "./temp-folder.test-data.ts";

const list = task("list", () => ["a", "b"]);
const shout = task("shout", ({ word, end }: { word: string; end: string }) => {
  console.log(`shouting ${word}`);
  return word.toUpperCase() + end;
});
const slow = task("slow", async (_: void, ctx: Context) => {
  await new Promise((_resolve, reject) => ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason)));
});
const stuck = task("stuck", () => new Promise(() => {}));
const built = build(
  dag("inline", {}, () => {
    const shouted = shout.map({ word: list() }, { end: "!" });
    chain(shouted, slow(), stuck());
  }),
);

const run: RunInfo = {
  runId: "run1",
  version: { hash: "h", file: "", workflow: "inline", manifestHash: "" },
  params: null,
  interval: { start: 0, end: 0 },
  date: "1970-01-01",
  trigger: "manual",
  generation: 1,
  backfill: null,
};

function hosted() {
  const ends: Finished[] = [];
  const lines: string[] = [];
  const lost: number[] = [];
  const host = new InlineHost(built, { artifactsDir: tempFolder("inline"), graceMs: 30 });
  const listener: HostListener = {
    started: () => {},
    finished: (result) => void ends.push(result),
    lost: (id) => void lost.push(id),
    progress: () => {},
    wake: () => {},
    log: (line) => void lines.push(`${line.taskRunId} ${line.message}`),
    drawer: async () => null,
  };
  host.listen(listener);
  host.openRun(run);
  return { host, ends, lines, lost };
}

const assignment = (taskRunId: number, name: string, more: Partial<Assignment> = {}): Assignment => ({
  taskRunId,
  claim: 1,
  runId: "run1",
  task: built.manifest.tasks.findIndex((each) => each.name === name),
  mapIndex: null,
  attempt: 1,
  idempotencyKey: `${taskRunId}`,
  isolation: "shared",
  timeoutMs: null,
  wait: null,
  values: {},
  ...more,
});

test("tasks run in this process and report like those of a child", async () => {
  const { host, ends, lines } = hosted();
  host.start([
    assignment(1, "list"),
    assignment(2, "shout", { mapIndex: 1, values: { "map:word": { kind: "text", text: encodeValue("b") } } }),
  ]);
  expect(ends).toEqual([]);
  await expect.poll(() => ends).toHaveLength(2);
  const [listed, shouted] = ends.sort((a, b) => a.taskRunId - b.taskRunId).map(({ outcome }) => outcome);
  expect(listed).toMatchObject({ state: "succeeded", lists: { "[]": { length: 2 } } });
  expect(shouted?.state === "succeeded" && shouted.output?.kind === "inline" && decodeValue(shouted.output.text)).toBe(
    "B!",
  );
  expect(lines).toEqual(["2 shouting b"]);
  await host.close(0);
});

test("timeouts and cancelling end a task, one that does not stop too", async () => {
  const { host, ends } = hosted();
  host.start([
    assignment(1, "slow", { timeoutMs: 20 }),
    assignment(2, "stuck", { timeoutMs: 20 }),
    assignment(3, "slow"),
  ]);
  await new Promise((resolve) => setTimeout(resolve, 10));
  host.abort(3, 1, "cancelled");
  await expect.poll(() => ends).toHaveLength(3);
  const by = Object.fromEntries(ends.map(({ taskRunId, outcome }) => [taskRunId, outcome]));
  expect(by).toMatchObject({
    1: { state: "failed", error: { code: "TIMED_OUT" } },
    2: { state: "failed", error: { code: "TIMED_OUT" } },
    3: { state: "cancelled" },
  });
  await host.close(0);
});

test("closing loses what does not end in time", async () => {
  const { host, lost } = hosted();
  host.start([assignment(1, "stuck")]);
  await new Promise((resolve) => setTimeout(resolve, 10));
  await host.close(10);
  expect(lost).toEqual([1]);
});
