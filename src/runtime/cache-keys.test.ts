import { expect, test } from "vitest";
import type { Attempt } from "./attempt.ts";
import { CacheKeys, cacheKeys } from "./cache-keys.ts";
import { ALL_SETS, RUN_FACTS } from "./run-facts.ts";

const RUN = {
  runId: "r1",
  version: { hash: "v1" },
  params: "[1]",
  interval: { start: 1, end: 2 },
  date: "2026-01-01",
  generation: 1,
};

function attempt(run: object = {}, task: object = {}) {
  const logged: string[] = [];
  const made = {
    run: { ...RUN, ...run },
    task: { mapIndex: null, ...task },
    log: { log: (level: string, message: string) => logged.push(`${level}: ${message}`) },
  };
  return { attempt: made as unknown as Attempt, logged };
}

const key = (input: unknown, asked = 0, ...of: Parameters<typeof attempt>) =>
  new CacheKeys(attempt(...of).attempt, input).of(asked);

test("a key stands for the input and the code, whatever the run is", () => {
  const one = key({ n: 1, at: new Date(0) });
  expect(one).toMatch(/^[\w-]{43}$/);
  expect(key({ n: 1, at: new Date(0) }, 0, { runId: "r2", params: null, date: "x" }, { mapIndex: 3 })).toBe(one);
  expect(key({ n: 1, at: new Date(1) })).not.toBe(one);
  expect(key({ n: 1, at: new Date(0) }, 0, { version: { hash: "v2" } })).not.toBe(one);
  expect(key(undefined)).not.toBe(key(null));
});

test.each([
  ["window", { interval: { start: 1, end: 3 } }, {}],
  ["window", { date: "2026-01-02" }, {}],
  ["params", { params: "[2]" }, {}],
  ["events", { cause: "{}" }, {}],
  ["place", {}, { mapIndex: 0 }],
  ["run", { runId: "r2" }, {}],
] as const)("what code asked of its %s tells two runs apart, and no other question does", (fact, run, task) => {
  for (const asked of ALL_SETS)
    expect(key(1, asked) === key(1, asked, run, task)).toBe((asked & RUN_FACTS[fact]) === 0);
});

test("whatever code may ask, it is looked for under that, each set by itself", () => {
  const all = new CacheKeys(attempt().attempt, 1).all();
  expect(new Set(all).size).toBe(ALL_SETS.length);
  expect(all).toContain(key(1, RUN_FACTS.window | RUN_FACTS.params));
});

test("an input that is no plain data has no key, and the log says so", () => {
  const { attempt: odd, logged } = attempt();
  expect(cacheKeys(odd, { call: () => 1 })).toBeNull();
  expect(logged).toEqual([
    expect.stringMatching(/^warn: No kept value is looked for: The input can't be stored: "call"/),
  ]);
});
