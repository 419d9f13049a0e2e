import fc from "fast-check";
import { expect, test } from "vitest";
import { AttemptLog, LOG_LIMITS } from "./attempt-log.ts";
import type { LogLine } from "./protocol.ts";

function logged(limits = LOG_LIMITS) {
  const lines: LogLine[] = [];
  const log = new AttemptLog(
    { task: { taskRunId: 1, claim: 2, runId: "r" } },
    { logLimits: limits, now: () => 5, log: (line) => lines.push(line) },
  );
  return { log, lines, messages: () => lines.map(({ message }) => message) };
}

test("text becomes the same lines, however it is cut into pieces", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom("a", "b", "\n"), maxLength: 8 })), (pieces) => {
      const { log, messages } = logged();
      for (const piece of pieces) log.print("stdout", "info", piece);
      log.end();
      const whole = pieces.join("").split("\n");
      expect(messages()).toEqual(whole.at(-1) === "" ? whole.slice(0, -1) : whole);
    }),
  );
});

test("a line says whose it is", () => {
  const { log, lines } = logged();
  log.log("warn", "careful", { n: 1 });
  expect(lines).toEqual([
    { taskRunId: 1, claim: 2, runId: "r", at: 5, level: "warn", source: "log", message: "careful", fields: { n: 1 } },
  ]);
});

test("fields that are no JSON are made readable", () => {
  const { log, lines } = logged();
  const loop: { self?: unknown } = {};
  loop.self = loop;
  log.log("info", "a", {
    big: 1n,
    when: new Date(0),
    error: new TypeError("no"),
    map: new Map([["k", 1]]),
    fn: () => 1,
  });
  log.log("info", "b", loop);
  log.log("info", "c", ["x"]);
  log.log("info", "d", { long: "x".repeat(20_000) });
  expect(lines.map(({ fields }) => fields)).toMatchObject([
    {
      big: "1",
      when: "1970-01-01T00:00:00.000Z",
      error: { name: "TypeError", message: "no" },
      map: { k: 1 },
      fn: "() => 1",
    },
    { unreadable: expect.stringContaining("circular") },
    { value: ["x"] },
    { cut: expect.stringContaining("20011 characters") },
  ]);
});

test("past its limit an attempt's log has one note where it stops and one at the end", () => {
  const { log, messages } = logged({ lineLength: 10, attemptBytes: 25 });
  for (let n = 0; n < 5; n++) log.log("info", "0123456789");
  log.log("info", "short");
  log.end();
  expect(messages()).toEqual([
    "0123456789",
    "0123456789",
    expect.stringMatching(/reached its limit of 25 bytes/),
    expect.stringMatching(/^4 more lines \(35 bytes\)/),
  ]);
});
