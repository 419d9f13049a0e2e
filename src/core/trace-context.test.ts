import { expect, test } from "vitest";
import { runIdFrom } from "./run-id.ts";
import { runSpanId, taskSpanId, traceIdOf, traceparentOf } from "./trace-context.ts";

test("a run's trace is its own number, so whoever knows one knows the other", () => {
  const id = runIdFrom(1_754_956_800_000_000, new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
  // The version and the variant of a UUIDv7 stand where they do there.
  expect(traceIdOf(id)).toMatch(/^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  expect(traceIdOf(id)).not.toBe(traceIdOf(runIdFrom(1_754_956_800_000_001, new Uint8Array(10))));
});

test("no two executions, and no run, share a span; each is what W3C Trace Context allows", () => {
  const ids = [1, 2, 4_398_046_511_104].flatMap((taskRun) => [1, 2, 3].map((claim) => taskSpanId(taskRun, claim)));
  const all = [...ids, runSpanId(1), runSpanId(2)];
  expect(new Set(all).size).toBe(all.length);
  for (const id of all) expect(id).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
  expect(traceparentOf("01k2q0000000000000000000000".slice(0, 26), 7, 2)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
});
