import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ARTIFACT, artifactRefData } from "./artifact-ref.ts";
import { anyValue } from "../../test/support/any-value.ts";
import { decodeValue, encodedBytes, encodeValue, formatPath, readPath } from "./value-codec.ts";

const roundTrip = (value: unknown): unknown => decodeValue(encodeValue(value));

describe("a value that crosses tasks", () => {
  it("comes back equal, whatever it is made of", () => {
    fc.assert(
      fc.property(anyValue, (value) => void expect(roundTrip(value)).toStrictEqual(value)),
      { numRuns: 500 },
    );
  });

  it.each([
    ["undefined", undefined],
    ["NaN", NaN],
    ["-0", -0],
    ["a Date", new Date("2025-08-12")],
    ["an invalid Date", new Date(NaN)],
    ["a Map with keys that are objects", new Map([[{ a: 1 }, new Set([1n])]])],
    ["a URL", new URL("https://example.org/?a=1")],
    ["a RegExp", /a+/giu],
    ["an ArrayBuffer", new Uint8Array([1, 2]).buffer],
    ["a BigInt64Array", new BigInt64Array([-1n])],
    ["an object without a prototype", Object.assign(Object.create(null), { a: 1 })],
    ["holes in a list", [1, , 3]],
    ["a lone surrogate", "\ud800"],
  ])("%s", (_, value) => expect(roundTrip(value)).toStrictEqual(value));

  it("keeps cycles and identity", () => {
    const shared = { deep: true };
    const value: Record<string, unknown> = { a: shared, b: [shared] };
    value.self = value;
    const back = roundTrip(value) as { a: unknown; b: unknown[]; self: unknown };
    expect(back.self).toBe(back);
    expect(back.b[0]).toBe(back.a);
  });

  it("brings only the bytes a view shows, not those of the buffer under it", () => {
    const secret = Buffer.from("secret!");
    const view = new Uint8Array(secret.buffer, secret.byteOffset, 2);
    expect(roundTrip(view)).toStrictEqual(new Uint8Array([115, 101]));
    expect((roundTrip(view) as Uint8Array).buffer.byteLength).toBe(2);
    expect(roundTrip(secret)).toStrictEqual(new Uint8Array(secret));
    expect(roundTrip(new DataView(secret.buffer, secret.byteOffset + 1, 1))).toHaveProperty("byteLength", 1);
    expect(roundTrip(new Int16Array([1, 2, 3]).subarray(1, 2))).toStrictEqual(new Int16Array([2]));
  });

  it("may come from another realm", () => {
    expect(roundTrip(runInNewContext("({ list: [new Date(0), new Map([[1, 2]])] })"))).toStrictEqual({
      list: [new Date(0), new Map([[1, 2]])],
    });
  });

  it("may hold artifact refs, of any class that carries the mark", () => {
    class Ref {
      readonly [ARTIFACT] = true;
      readonly uri = "a/b";
      readonly size = 3;
      readonly #hidden = 1;
      bytes() {
        return this.#hidden;
      }
    }
    const text = encodeValue({ file: new Ref() });
    expect(decodeValue(text)).toStrictEqual({ file: artifactRefData("a/b", 3) });
    expect(decodeValue(text, { artifact: ({ uri, size }) => `${uri}:${size}` })).toEqual({ file: "a/b:3" });
    expect(roundTrip(decodeValue(text))).toStrictEqual({ file: artifactRefData("a/b", 3) });
  });
});

describe("what is refused", () => {
  class Sale {
    region = "emea";
  }
  class Rows extends Array {}
  class Index extends Map {}

  it.each<[string, unknown, string]>([
    ["a function in a list", { rows: [1, 2, 3, { fn: () => 1 }] }, '"rows[3].fn" in it is a function (fn)'],
    ["the value itself", Symbol("x"), "it is a symbol"],
    ["in a Map", new Map([["k", () => 1]]), '"get("k")" in it is a function'],
    ["a class instance", [new Sale()], '"[0]" in it is an instance of the class Sale; pass its plain fields'],
    ["a subclass of Array", { rows: new Rows() }, '"rows" in it is an instance of the class Rows'],
    ["a subclass of Map", { at: new Index() }, "an instance of the class Index"],
    ["an Error", { error: new TypeError("no") }, '"error" in it is an Error (TypeError); pass its message'],
    ["a stream", { body: new ReadableStream() }, '"body" in it is a stream; write it with ctx.artifact(name).write'],
    ["an async iterator", { rows: (async function* () {})() }, '"rows" in it is a stream'],
    ["a promise", { later: Promise.resolve(1) }, '"later" in it is a promise; await it first'],
    ["a WeakMap", { weak: new WeakMap() }, "an instance of the class WeakMap"],
    ["a symbol as a key", { a: { [Symbol("s")]: 1 } }, '"a" in it is an object with a symbol as a key'],
    ["a key that would set a prototype", JSON.parse('{"__proto__":1}'), 'an object with a key "__proto__"'],
    [
      "a getter that throws",
      {
        get a() {
          throw new Error("boo");
        },
      },
      "reading it threw Error: boo",
    ],
  ])("%s", (_, value, message) => {
    expect(() => encodeValue(value, { at: 'the output of task "extract"' })).toThrow(
      expect.objectContaining({
        code: "VALUE_NOT_SERIALIZABLE",
        message: expect.stringContaining(`The output of task "extract" can't be stored: `),
      }),
    );
    expect(() => encodeValue(value)).toThrow(message);
  });

  it("nesting without end", () => {
    let deep: unknown = [];
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(() => encodeValue(deep)).toThrow("nested too deep");
  });

  it("a part's path begins where the part stands", () => {
    expect(() => encodeValue({ fn() {} }, { within: ["rows", 3] })).toThrow('"rows[3].fn"');
  });

  it("text that this codec never wrote", () => {
    for (const text of ["", "{}", "[]", '[["Nope",1]]', "[[5]]"])
      expect(() => decodeValue(text)).toThrow(expect.objectContaining({ code: "VALUE_UNREADABLE" }));
  });
});

describe("readPath", () => {
  it("reads own properties, and undefined beyond them", () => {
    const value = { rows: [{ id: 1 }], none: null, text: "abc" };
    expect(readPath(value, ["rows", 0, "id"])).toBe(1);
    expect(readPath(value, ["rows", "length"])).toBe(1);
    expect(readPath(value, [])).toBe(value);
    for (const path of [["none", "a"], ["rows", 5, "id"], ["constructor"], ["rows", "map"]])
      expect(readPath(value, path)).toBeUndefined();
  });
});

it("a path is written as in code", () =>
  expect(formatPath(["rows", 3, "unit price", "a"])).toBe('rows[3]["unit price"].a'));

it("bytes are those of UTF-8", () => expect(encodedBytes("é")).toBe(2));
