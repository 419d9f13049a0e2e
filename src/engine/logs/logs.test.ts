import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, truncateSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { LogLine } from "../../runtime/protocol.ts";
import { LogReader } from "./log-reader.ts";
import { LogWriter } from "./log-writer.ts";
import { removeRunLogs } from "./prune-logs.ts";

const dir = () => mkdtempSync(join(tmpdir(), "tutti-logs-"));
let clock = 0;
const line = (taskRunId: number, message: string, more: Partial<LogLine> = {}): LogLine => ({
  taskRunId,
  claim: 1,
  runId: "run1",
  at: ++clock,
  level: "info",
  source: "log",
  message,
  fields: null,
  ...more,
});

test("a run's lines come back as they were, in order, whoever wrote them", async () => {
  const at = dir();
  const [a, b] = [new LogWriter({ dir: at, worker: "a" }), new LogWriter({ dir: at, worker: "b/../c" })];
  const lines = [
    line(1, "one", { fields: { n: 1 } }),
    line(2, "zwei\nZeilen", { level: "error", source: "stderr" }),
    line(1, "three"),
  ];
  a.add(lines[0]!);
  b.add(lines[1]!);
  a.add(lines[2]!);
  a.close();
  b.close();
  expect(await new LogReader(at).read("run1")).toEqual(lines);
});

test("one task's lines are found through the index: what the rest says does not matter", async () => {
  const at = dir();
  const writer = new LogWriter({ dir: at, worker: "w" });
  const own: LogLine[] = [];
  for (let round = 0; round < 3; round++) {
    for (let task = 1; task <= 5; task++) {
      const made = line(task, `${task} in ${round}`, { claim: round + 1 });
      if (task === 3) own.push(made);
      writer.add(made);
    }
    writer.flush();
  }
  writer.close();
  const reader = new LogReader(at);
  expect(await reader.read("run1", { taskRunId: 3 })).toEqual(own);
  expect(await reader.read("run1", { taskRunId: 3, claim: 2 })).toEqual([own[1]]);
  expect(readFileSync(join(at, "logs/run1/w.index"), "utf8").trim().split("\n")).toHaveLength(15);
});

test("whatever is written, each task gets its own lines in its order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({ task: fc.integer({ min: 1, max: 4 }), text: fc.string({ unit: "grapheme" }), flush: fc.boolean() }),
        { maxLength: 40 },
      ),
      async (said) => {
        const at = dir();
        const writer = new LogWriter({ dir: at, worker: "w" });
        const lines = said.map(({ task, text, flush }) => {
          const made = line(task, text);
          writer.add(made);
          if (flush) writer.flush();
          return made;
        });
        writer.close();
        const reader = new LogReader(at);
        for (const task of [1, 2, 3, 4])
          expect(await reader.read("run1", { taskRunId: task })).toEqual(
            lines.filter((each) => each.taskRunId === task),
          );
        expect(await reader.read("run1")).toEqual(lines);
        rmSync(at, { recursive: true });
      },
    ),
    { numRuns: 30 },
  );
});

test("a silent run has no file, and reading one that never was gives nothing", async () => {
  const at = dir();
  new LogWriter({ dir: at, worker: "w" }).close();
  expect(existsSync(join(at, "logs"))).toBe(false);
  expect(await new LogReader(at).read("run9")).toEqual([]);
});

test("lines reach the disk by themselves", async () => {
  const at = dir();
  const writer = new LogWriter({ dir: at, worker: "w", flushEveryMs: 20 });
  writer.add(line(1, "soon"));
  await expect.poll(() => new LogReader(at).read("run1")).toHaveLength(1);
  writer.close();
});

test("a follower sees lines as they come, from both writers, and half a line only once it is whole", async () => {
  const at = dir();
  const writer = new LogWriter({ dir: at, worker: "w" });
  writer.add(line(1, "before"));
  writer.flush();
  const stop = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    for await (const { message } of new LogReader(at).follow("run1", { signal: stop.signal, everyMs: 5 }))
      seen.push(message);
  })();
  await expect.poll(() => seen).toEqual(["before"]);
  const file = join(at, "logs/run1/w.jsonl");
  const text = `${JSON.stringify({ task: 1, claim: 1, at: ++clock, level: "info", source: "log", message: "halves" })}\n`;
  appendFileSync(file, text.slice(0, 20));
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(seen).toEqual(["before"]);
  appendFileSync(file, text.slice(20));
  await expect.poll(() => seen).toEqual(["before", "halves"]);
  const other = new LogWriter({ dir: at, worker: "x" });
  other.add(line(2, "other"));
  other.close();
  stop.abort();
  await following;
  expect(seen).toEqual(["before", "halves", "other"]);
  writer.close();
});

test("after a crash in the middle of a line the next writer begins a new one, and what has no index entry is found", async () => {
  const at = dir();
  const first = new LogWriter({ dir: at, worker: "w" });
  first.add(line(1, "whole"));
  first.close();
  const file = join(at, "logs/run1/w.jsonl");
  appendFileSync(file, '{"task":1,"claim":1,"mess');
  const second = new LogWriter({ dir: at, worker: "w" });
  second.add(line(1, "after"));
  second.close();
  truncateSync(join(at, "logs/run1/w.index"), 0);
  const messages = (await new LogReader(at).read("run1", { taskRunId: 1 })).map(({ message }) => message);
  expect(messages).toEqual(["whole", "after"]);
});

test("a disk that takes nothing is a warning, once, and no error", () => {
  const warnings: Error[] = [];
  const writer = new LogWriter({ dir: "/dev/null", worker: "w", onWarning: (warning) => warnings.push(warning) });
  for (let n = 0; n < 3; n++) writer.add(line(1, "lost"));
  writer.flush();
  writer.close();
  expect(warnings).toMatchObject([{ code: "LOG_NOT_WRITTEN", message: expect.stringContaining('"run1"') }]);
});

test.skipIf(!existsSync("/dev/full"))("a full disk is named", async () => {
  const at = dir();
  const warnings: Error[] = [];
  const writer = new LogWriter({ dir: at, worker: "w", onWarning: (warning) => warnings.push(warning) });
  writer.add(line(1, "kept"));
  writer.flush();
  const { symlinkSync, unlinkSync } = await import("node:fs");
  writer.close();
  const file = join(at, "logs/run1/w.jsonl");
  unlinkSync(file);
  symlinkSync("/dev/full", file);
  writer.add(line(1, "lost"));
  writer.flush();
  expect(warnings).toMatchObject([{ message: expect.stringContaining("the disk is full") }]);
  writer.close();
});

test("many runs at once keep no more files open than the bound", async () => {
  const at = dir();
  const writer = new LogWriter({ dir: at, worker: "w" });
  for (let round = 0; round < 2; round++)
    for (let run = 0; run < 100; run++) writer.add(line(1, `${round}`, { runId: `run${run}` }));
  expect(readdirSync("/proc/self/fd").length).toBeLessThan(300);
  writer.close();
  expect((await new LogReader(at).read("run42")).map(({ message }) => message)).toEqual(["0", "1"]);
});

test("logs of a run can be removed, and no name leads out of their folder", async () => {
  const at = dir();
  const writer = new LogWriter({ dir: at, worker: "w" });
  writer.add(line(1, "gone"));
  writer.close();
  await removeRunLogs(at, "run1");
  expect(readdirSync(join(at, "logs"))).toEqual([]);
  await expect(async () => removeRunLogs(at, "../..")).rejects.toMatchObject({ code: "BAD_NAME" });
});
