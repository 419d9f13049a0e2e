import { expect, test } from "vitest";
import { HttpFailed, HttpTimedOut, HttpUnreachable } from "./http-errors.ts";
import { retryAfterMs, retryWait } from "./retry-wait.ts";

const again = { idempotent: true, tries: 1, maxTries: 4, retryAfterMs: null, random: 1 };

test.each([
  ["500", new HttpFailed("x", 500, ""), true, false],
  ["503", new HttpFailed("x", 503, ""), true, false],
  ["429", new HttpFailed("x", 429, ""), true, true],
  ["501", new HttpFailed("x", 501, ""), false, false],
  ["400", new HttpFailed("x", 400, ""), false, false],
  ["nothing sent", new HttpUnreachable("x", null, true), true, true],
  ["hung up", new HttpUnreachable("x", null, false), true, false],
  ["no answer", new HttpTimedOut("x", 1), true, false],
  ["an error of our own", new Error("mine"), false, false],
])("%s: again when idempotent %#", (_, error, whenIdempotent, always) => {
  expect(retryWait(error, again) !== null).toBe(whenIdempotent);
  expect(retryWait(error, { ...again, idempotent: false }) !== null).toBe(always);
});

test("waits grow, with full jitter, to half a minute; the server's own word goes first", () => {
  const error = new HttpFailed("x", 500, "");
  const waits = [1, 2, 3, 8].map((tries) => retryWait(error, { ...again, tries, maxTries: 9 }));
  expect(waits).toEqual([1000, 2000, 4000, 30_000]);
  expect(retryWait(error, { ...again, random: 0 })).toBe(0);
  expect(retryWait(error, { ...again, retryAfterMs: 7 })).toBe(7);
  expect(retryWait(error, { ...again, tries: 4 })).toBeNull();
});

test.each([
  ["120", 120_000],
  [" 1.5 ", 1500],
  ["Thu, 01 Jan 1970 00:01:00 GMT", 50_000],
  ["Thu, 01 Jan 1970 00:00:01 GMT", 0],
  ["soon", null],
  [null, null],
])("Retry-After %j is %j ms", (header, expected) => {
  expect(retryAfterMs(header, 10_000)).toBe(expected);
});
