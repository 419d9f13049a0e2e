import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import type { LogLine } from "../../runtime/protocol.ts";
import { tempFolder } from "../../testing/temp-folder.test-data.ts";
import { FileSource } from "./file-source.ts";
import { type LogFilter, LogReader } from "./log-reader.ts";
import { LogWriter } from "./log-writer.ts";
import { removeRunLogs } from "./prune-logs.ts";

const dir = () => tempFolder("logs");
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
  expect(readFileSync(join(at, "run1/w.index"), "utf8").trim().split("\n")).toHaveLength(15);
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
      },
    ),
    { numRuns: 30 },
  );
});

test("what several tasks write at once stands in the order of time, and each one's is found near or far", async () => {
  const at = dir();
  const writer = new LogWriter({ dir: at, worker: "w" });
  const lines = Array.from({ length: 400 }, (_, place) => line((place % 7 === 0 ? 1 : 0) + 1, "x".repeat(place)));
  const far = line(3, "far");
  // As they come from processes of their own: each in its order.
  for (const task of [1, 2]) for (const each of lines) if (each.taskRunId === task) writer.add(each);
  for (const each of [line(3, "near"), ...Array.from({ length: 30 }, () => line(4, "y".repeat(1_000))), far])
    writer.add({ ...each, at: ++clock });
  writer.close();
  const reader = new LogReader(at);
  const read = async (filter?: LogFilter) => (await reader.read("run1", filter)).map(({ message }) => message);
  const written = readFileSync(join(at, "run1/w.jsonl"), "utf8").trimEnd().split("\n");
  const times = written.map((text) => (JSON.parse(text) as { at: number }).at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  for (const task of [1, 2])
    expect(await reader.read("run1", { taskRunId: task })).toEqual(lines.filter(({ taskRunId }) => taskRunId === task));
  expect(await read({ taskRunId: 3 })).toEqual(["near", "far"]);
  const entries = readFileSync(join(at, "run1/w.index"), "utf8").trimEnd().split("\n");
  expect(entries.map((entry) => (JSON.parse(entry) as number[])[0])).toEqual([2, 1, 3, 4, 3]);
});

test("a silent run has no file, and reading one that never was gives nothing", async () => {
  const at = dir();
  new LogWriter({ dir: at, worker: "w" }).close();
  expect(readdirSync(at)).toEqual([]);
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
  const file = join(at, "run1/w.jsonl");
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

test("who follows only what is new hears nothing of before", async () => {
  const at = dir();
  const writer = new LogWriter({ dir: at, worker: "w" });
  writer.add(line(1, "before"));
  writer.flush();
  const stop = new AbortController();
  const following = new LogReader(at).follow("run1", { signal: stop.signal, everyMs: 5, onlyNew: true });
  const next = following.next();
  setTimeout(() => (writer.add(line(1, "after")), writer.flush()), 50);
  expect((await next).value).toMatchObject({ message: "after" });
  stop.abort();
  expect(await following.next()).toMatchObject({ done: true });
  writer.close();
});

test("a long log is never in memory: who has taken one line has read a part, and goes on from there", async () => {
  const at = dir();
  const writers = ["a", "b", "c"].map((worker) => new LogWriter({ dir: at, worker }));
  const lines = 24_000;
  for (let n = 0; n < lines; n++) writers[n % 3]!.add(line(n % 5, `line ${n} ${"x".repeat(900)}`));
  for (const writer of writers) writer.close();
  const size = readdirSync(join(at, "run1")).reduce((sum, name) => sum + statSync(join(at, "run1", name)).size, 0);
  expect(size).toBeGreaterThan(20e6);

  const read = vi.spyOn(FileSource.prototype, "read");
  onTestFinished(() => read.mockRestore());
  const bytes = () => read.mock.calls.reduce((sum, [, length]) => sum + length, 0);
  const stop = new AbortController();
  const reader = new LogReader(at);
  for (const from of [reader.lines("run1"), reader.follow("run1", { signal: stop.signal, everyMs: 5 })]) {
    read.mockClear();
    expect((await from.next()).value?.message).toMatch(/^line 0 /);
    // A part or two of each worker, of a megabyte.
    expect(bytes()).toBeLessThan(8e6);
    let taken = 1;
    while (taken < lines && !(await from.next()).done) taken++;
    expect(taken).toBe(lines);
    expect(bytes()).toBeLessThan(size + 10e6);
    await from.return();
  }
  read.mockClear();
  const last = (await reader.last("run1", 2)).map(({ message }) => message.slice(0, 10));
  expect(last).toEqual(["line 23998", "line 23999"]);
  expect(bytes()).toBeLessThan(1e6);
  stop.abort();
  rmSync(at, { recursive: true });
});

test("lines that hold a text are found whatever its case, of some task runs or all, also as they come", async () => {
  const at = dir();
  const writer = new LogWriter({ dir: at, worker: "w" });
  for (const [task, message] of [
    [1, "Timed out"],
    [2, "fine"],
    [3, "it TIMED OUT"],
  ] as const)
    writer.add(line(task, message));
  writer.flush();
  const reader = new LogReader(at);
  const found = async (filter: LogFilter) => (await reader.read("run1", filter)).map(({ message }) => message);
  expect(await found({ text: "timed out" })).toEqual(["Timed out", "it TIMED OUT"]);
  expect(await found({ text: "timed out", taskRuns: new Set([2, 3]) })).toEqual(["it TIMED OUT"]);
  expect(await found({ taskRuns: new Set([1, 2]) })).toEqual(["Timed out", "fine"]);
  expect(await found({ taskRuns: new Set() })).toEqual([]);
  const stop = new AbortController();
  const following = reader.follow("run1", { signal: stop.signal, everyMs: 5, text: "OUT" });
  expect([(await following.next()).value?.message, (await following.next()).value?.message]).toEqual([
    "Timed out",
    "it TIMED OUT",
  ]);
  const next = following.next();
  writer.add(line(4, "in"));
  writer.add(line(4, "out"));
  writer.close();
  expect((await next).value?.message).toBe("out");
  stop.abort();
  expect((await following.next()).done).toBe(true);
  rmSync(at, { recursive: true });
});

test("after a crash in the middle of a line the next writer begins a new one, and what has no index entry is found", async () => {
  const at = dir();
  const first = new LogWriter({ dir: at, worker: "w" });
  first.add(line(1, "whole"));
  first.close();
  const file = join(at, "run1/w.jsonl");
  appendFileSync(file, '{"task":1,"claim":1,"mess');
  const second = new LogWriter({ dir: at, worker: "w" });
  second.add(line(1, "after"));
  second.close();
  truncateSync(join(at, "run1/w.index"), 0);
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
  const file = join(at, "run1/w.jsonl");
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
  expect(readdirSync(at)).toEqual([]);
  await expect(async () => removeRunLogs(at, "../..")).rejects.toMatchObject({ code: "BAD_NAME" });
});
