import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LogLine } from "../../runtime/protocol.ts";
import { formatLine } from "./log-entry.ts";
import { LogPages } from "./log-pages.ts";
import type { LineFilter } from "./log-source.ts";
import { LogWriter } from "./log-writer.ts";
import { wholeLog } from "./whole-log.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tutti-log-pages-"));
  mkdirSync(join(dir, "run1"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const lineOf = (at: number, message = `line ${at}`, taskRunId = 1): LogLine => ({
  taskRunId,
  claim: 1,
  runId: "run1",
  at,
  level: "info",
  source: "log",
  message,
  fields: null,
});
const text = (at: number, message?: string, taskRunId?: number): string => formatLine(lineOf(at, message, taskRunId));
const write = (lines: readonly string[], worker = "w"): void =>
  writeFileSync(join(dir, "run1", `${worker}.jsonl`), lines.join(""));
const log = () => ({ dir, store: null, runId: "run1" });
const messages = async (pages: LogPages, from: number, limit: number) => {
  const page = await pages.page(log(), { from, limit });
  return { messages: page.lines.map(({ message }) => message), left: page.left, more: page.more };
};
/** All of it, a page after the other, as it goes on with what the page before said. */
async function everyPage(pages: LogPages, limit: number, filter: LineFilter | null = null, from = 0) {
  const found: LogLine[] = [];
  let looks = 0;
  let page = await pages.page(log(), { from, limit, filter });
  for (; ; looks++) {
    found.push(...page.lines);
    if (!page.more) return { found, looks };
    const { next, left } = page;
    page = await pages.page(log(), { from: (name) => next.get(name) ?? 0, left, limit, filter });
  }
}
const holding = (word: string): LineFilter => ({ wantsTask: null, wants: ({ message }) => message.includes(word) });
const ofTask = (id: number): LineFilter => ({
  wantsTask: (taskRunId) => taskRunId === id,
  wants: ({ taskRunId }) => taskRunId === id,
});

test("any place of a long log is a page, forwards and backwards", async () => {
  write(Array.from({ length: 30_000 }, (_, number) => text(number, `line ${number} ${"x".repeat(number % 90)}`)));
  const pages = new LogPages();
  for (const from of [0, 999, 1_000, 29_998, 12_345, 3, 29_999]) {
    const page = await pages.page(log(), { from, limit: 2 });
    expect(page.lines.map(({ at }) => at)).toEqual([from, from + 1].filter((at) => at < 30_000));
    expect(page.more).toBe(from + 2 < 30_000);
  }
  expect(await messages(pages, 30_000, 5)).toEqual({ messages: [], left: 0, more: false });
  expect(await messages(pages, 30_003, 5)).toEqual({ messages: [], left: 3, more: false });
});

test("places are the same however many ask for them at once", async () => {
  write(Array.from({ length: 5_000 }, (_, number) => text(number)));
  const pages = new LogPages();
  const asked = [4_999, 2_500, 10, 4_000, 1_000];
  const found = await Promise.all(asked.map((from) => pages.page(log(), { from, limit: 1 })));
  expect(found.map(({ lines }) => lines[0]?.at)).toEqual(asked);
  expect(await pages.end(log(), 1)).toMatchObject({ total: 5_000, lines: [{ at: 4_999 }] });
});

test("what is written later is behind what was there, and half a line is none yet", async () => {
  write([text(0), text(1)]);
  const pages = new LogPages();
  expect(await messages(pages, 0, 5)).toEqual({ messages: ["line 0", "line 1"], left: 0, more: false });
  const path = join(dir, "run1", "w.jsonl");
  const third = text(2);
  appendFileSync(path, third.slice(0, 10));
  expect(await messages(pages, 2, 5)).toEqual({ messages: [], left: 0, more: false });
  appendFileSync(path, third.slice(10) + text(3));
  expect(await messages(pages, 2, 5)).toEqual({ messages: ["line 2", "line 3"], left: 0, more: false });
});

test("what a killed process left half in the middle is stepped over, and a page is full all the same", async () => {
  write([text(0), `{"task":1,"cl\n`, text(2), text(3)]);
  expect(await messages(new LogPages(), 0, 2)).toEqual({ messages: ["line 0", "line 2"], left: 0, more: true });
});

test("a line of megabytes is a line, forwards and from the end", async () => {
  const long = "y".repeat(3_000_000);
  write([text(0), text(1, long), text(2)]);
  const page = await new LogPages().page(log(), { from: 1, limit: 2 });
  expect(page.lines.map(({ message }) => message.length)).toEqual([3_000_000, 6]);
  const last = await new LogPages().last(log(), 2);
  expect(last.lines.map(({ message }) => message.length)).toEqual([3_000_000, 6]);
});

test("a run that said nothing has no lines", async () => {
  rmSync(join(dir, "run1"), { recursive: true });
  const pages = new LogPages();
  expect(await messages(pages, 0, 5)).toEqual({ messages: [], left: 0, more: false });
  expect(await pages.last(log(), 5)).toEqual({ lines: [], more: false });
  expect(await pages.end(log(), 5)).toEqual({ total: 0, lines: [], offsets: new Map() });
});

test("what several workers wrote is one log by time, and places of it stay", async () => {
  const all = Array.from({ length: 3_500 }, (_, at) => at);
  for (const worker of [0, 1, 2])
    write(
      all.filter((at) => (at * 7) % 3 === worker).map((at) => text(at)),
      `w${worker}`,
    );
  const pages = new LogPages();
  const { found } = await everyPage(pages, 333);
  expect(found.map(({ at }) => at)).toEqual(all);
  for (const from of [3_499, 0, 1_000, 2_001]) {
    const page = await pages.page(log(), { from, limit: 1 });
    expect(page.lines.map(({ at }) => at)).toEqual([from]);
  }
  expect((await pages.last(log(), 4)).lines.map(({ at }) => at)).toEqual([3_496, 3_497, 3_498, 3_499]);
  expect(await pages.end(log(), 1)).toMatchObject({ total: 3_500, lines: [{ at: 3_499 }] });
});

test("a worker that comes late is read from its beginning by whoever goes on", async () => {
  write([text(1), text(5)], "a");
  const pages = new LogPages();
  const page = await pages.page(log(), { from: 0, limit: 1 });
  write([text(2)], "b");
  const { next } = page;
  const rest = await pages.page(log(), { from: (name) => next.get(name) ?? 0, limit: 9 });
  expect([...page.lines, ...rest.lines].map(({ at }) => at)).toEqual([1, 2, 5]);
});

test("whatever the workers, pages and bounds are: each line is found once, and each worker's in their order", async () => {
  const said = fc.array(fc.record({ worker: fc.nat(3), task: fc.nat(3), at: fc.nat(50), flush: fc.boolean() }), {
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(said, fc.integer({ min: 1, max: 20 }), fc.option(fc.nat(3)), async (lines, limit, task) => {
      rmSync(dir, { recursive: true, force: true });
      const writers = Array.from({ length: 4 }, (_, worker) => new LogWriter({ dir, worker: `w${worker}` }));
      for (const [number, line] of lines.entries()) {
        writers[line.worker]!.add(lineOf(line.at, `${number}`, line.task));
        if (line.flush) writers[line.worker]!.flush();
      }
      for (const writer of writers) writer.close();
      const filter = task === null ? null : ofTask(task);
      const { found } = await everyPage(new LogPages(0), limit, filter);
      const wanted = lines.flatMap((line, number) =>
        task === null || line.task === task ? [{ ...line, number }] : [],
      );
      const numbers = (of: readonly LogLine[]) => of.map(({ message }) => Number(message));
      expect(numbers(found).toSorted((a, b) => a - b)).toEqual(wanted.map(({ number }) => number));
      for (const worker of [0, 1, 2, 3])
        for (const own of [0, 1, 2, 3]) {
          const isOwn = (number: number) => lines[number]!.worker === worker && lines[number]!.task === own;
          const order = numbers(found).filter(isOwn);
          expect(order).toEqual(order.toSorted((a, b) => a - b));
        }
      const whole: LogLine[] = [];
      for await (const line of wholeLog(log(), filter)) whole.push(line);
      expect(numbers(whole)).toEqual(numbers(found));
    }),
    { numRuns: 12 },
  );
});

test("a page reads no more than it may: it is short, says so, and the next ones find the rest", async () => {
  const far = "z".repeat(1_000);
  write(
    Array.from({ length: 6_000 }, (_, at) => text(at, at % 2_999 === 0 ? "needle" : far)),
    "a",
  );
  write(
    Array.from({ length: 2_000 }, (_, at) => text(at, far)),
    "b",
  );
  const pages = new LogPages(1);
  const first = await pages.page(log(), { from: 0, limit: 5, filter: holding("needle") });
  expect(first.lines.map(({ at }) => at)).toEqual([0]);
  expect(first.more).toBe(true);
  const { found, looks } = await everyPage(pages, 5, holding("needle"));
  expect(found.map(({ at }) => at)).toEqual([0, 2_999, 5_998]);
  expect(looks).toBeGreaterThan(1);
  expect((await everyPage(pages, 5, holding("needle"), 1)).found.map(({ at }) => at)).toEqual([2_999, 5_998]);
  const last = await pages.last(log(), 5, holding("needle"));
  expect(last).toMatchObject({ lines: [{ at: 5_998 }], more: true });
});

test("of one task only its lines are read: what stands between is never looked at", async () => {
  const writer = new LogWriter({ dir, worker: "w" });
  for (let round = 0; round < 5; round++) {
    writer.add(lineOf(round * 10, `own ${round}`, 2));
    writer.flush();
    for (let at = 0; at < 400; at++) writer.add(lineOf(round * 10 + 1, "n".repeat(1_000), 1));
    writer.flush();
  }
  writer.close();
  // Five looks at 64 KiB are less than that, and a file of 2 MB is more.
  const pages = new LogPages(400_000);
  const page = await pages.page(log(), { from: 0, limit: 9, filter: ofTask(2) });
  expect(page.lines.map(({ message }) => message)).toEqual([0, 1, 2, 3, 4].map((round) => `own ${round}`));
  expect(page.more).toBe(false);
});
