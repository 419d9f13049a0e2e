import { expect, test } from "vitest";
import { checkDedupeKey, encodePayload, MAX_EVENT_BYTES, readEvent } from "./event.ts";
import { keyAt, matchesFields } from "./event-match.ts";

const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test("a payload is JSON that keeps what it was given", () => {
  expect(encodePayload({ a: [1, "x", null, { b: true }], gone: undefined }, "it")).toBe(
    '{"a":[1,"x",null,{"b":true}]}',
  );
  for (const bad of [{ at: new Date(0) }, { n: NaN }, { f: () => 1 }, [undefined], { m: new Map() }, 1n])
    expect(codeOf(() => encodePayload(bad, "it"))).toBe("BAD_EVENT");
  expect(codeOf(() => encodePayload("é".repeat(MAX_EVENT_BYTES / 2), "it"))).toBe("EVENT_TOO_LARGE");
  const cycle: unknown[] = [];
  cycle.push(cycle);
  expect(codeOf(() => encodePayload(cycle, "it"))).toBe("BAD_EVENT");
});

test("an error says what about a payload is wrong, and where", () => {
  expect(() => encodePayload({ order: { at: new Date(0) } }, 'The payload of event "x"')).toThrow(
    'The payload of event "x" is no JSON: "order.at" is a Date',
  );
});

test.each([17, null, undefined, "", "x".repeat(501), "\0", "\ud800", { id: 1 }])("%j is no dedupe key", (key) => {
  expect(codeOf(() => checkDedupeKey(key, "The key"))).toBe("BAD_DEDUPE_KEY");
});

test.each(["", " x", "a\nb", 5, undefined])("%j is no name of an event", (name) => {
  expect(codeOf(() => readEvent({ name }))).toBe("BAD_EVENT_NAME");
});

test("a payload matches the fields that are asked for, deeply, and others may be there", () => {
  const payload = { region: "emea", order: { id: 3, tags: ["a", "b"] }, more: 1 };
  expect(matchesFields(payload, { region: "emea", order: { tags: ["a", "b"] } })).toBe(true);
  expect(matchesFields(payload, { region: "apac" })).toBe(false);
  expect(matchesFields(payload, { order: { tags: ["a"] } })).toBe(false);
  expect(matchesFields(payload, { toString: {} })).toBe(false);
  expect(matchesFields(null, { region: "emea" })).toBe(false);
});

test("the key stands where the path says, and must be a text", () => {
  expect(keyAt({ order: { id: "o-17" } }, "order.id", 'event "x"')).toBe("o-17");
  expect(() => keyAt({ order: { id: 17 } }, "order.id", 'event "x"')).toThrow(/"order.id".*got the number 17/);
  expect(codeOf(() => keyAt(null, "order.id", "it"))).toBe("BAD_DEDUPE_KEY");
});
