import { expect, test } from "vitest";
import type { RunState } from "./run-state.ts";
import { type NewsRun, workflowNews } from "./workflow-news.ts";

const MINUTE = 60_000_000;
const NOW = 1_000_000 * MINUTE;

/** Runs of one minute each, ten minutes apart; the newest is the first, and ended just now. */
function runs(...states: readonly (RunState | readonly [RunState, minutes: number])[]): NewsRun[] {
  return states.map((said, place) => {
    const [state, minutes] = typeof said === "string" ? ([said, 1] as const) : said;
    const end = NOW - place * 10 * MINUTE;
    const started = state === "queued" ? null : end - minutes * MINUTE;
    const ended = state === "queued" || state === "running" ? null : end;
    return { id: `run ${place}`, state, createdAt: end - minutes * MINUTE, startedAt: started, endedAt: ended };
  });
}
const usual = Array.from({ length: 12 }, () => "succeeded" as const);
const news = (all: readonly NewsRun[], now = NOW) => {
  const found = workflowNews(all, now);
  return found && [found.kind, found.run.id, (NOW - found.since) / MINUTE];
};

test("a workflow whose last run failed is failing since the first of those in a row", () => {
  expect(news(runs("failed", "succeeded"))).toEqual(["failing", "run 0", 0]);
  expect(news(runs("running", "failed", "cancelled", "failed", "succeeded", "failed"))).toEqual([
    "failing",
    "run 1",
    30,
  ]);
  expect(news(runs("failed"))).toEqual(["failing", "run 0", 0]);
});

test("one that succeeds again has recovered, for a day", () => {
  expect(news(runs("succeeded", "failed"))).toEqual(["recovered", "run 0", 0]);
  expect(news(runs("succeeded", "failed"), NOW + 25 * 60 * MINUTE)).toBeNull();
});

test("one that takes longer than usual is slow while it runs, and slower when it has ended", () => {
  expect(news(runs(["running", 10], ...usual))).toEqual(["slow", "run 0", 8]);
  expect(news(runs(["running", 2], ...usual))).toBeNull();
  expect(news(runs(["succeeded", 10], ...usual))).toEqual(["slower", "run 0", 0]);
});

test("of what is as ever, or was never before, there is nothing to say", () => {
  expect(news(runs())).toBeNull();
  expect(news(runs("queued"))).toBeNull();
  expect(news(runs(...usual))).toBeNull();
  expect(news(runs("cancelled", "succeeded"))).toBeNull();
});
