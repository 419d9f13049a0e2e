import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyValue } from "../../test/support/any-value.ts";
import { artifactRefData } from "./artifact-ref.ts";
import { frameListLength, type ReadBytes, readFrame } from "./frame-reader.ts";
import { encodeFrame } from "./frame.ts";
import type { Path } from "./manifest.ts";
import { readPath } from "./value-codec.ts";

const reader = (frame: Uint8Array) => {
  const cost = { reads: 0, bytes: 0 };
  const read: ReadBytes = async (offset, length) => {
    cost.reads++;
    cost.bytes += length;
    return frame.subarray(offset, offset + length);
  };
  return { cost, read };
};

const readAt = (frame: Uint8Array, path: Path) => readFrame(reader(frame).read, frame.length, path);

/** Every path into a value, and some that lead out of it. */
function pathsOf(value: unknown, depth = 4): Path[] {
  const keys =
    depth === 0 || typeof value !== "object" || value === null
      ? []
      : Array.isArray(value)
        ? [...value.keys()]
        : Object.getPrototypeOf(value) === Object.prototype
          ? Object.keys(value)
          : [];
  return [
    [],
    ["nowhere"],
    ["length"],
    ...keys.flatMap((key) => pathsOf((value as Record<string, unknown>)[key], depth - 1).map((path) => [key, ...path])),
  ];
}

describe("a frame", () => {
  it("read at any path gives what the value has there, however it was cut", async () => {
    const cases = anyValue.chain((value) =>
      fc.record({ value: fc.constant(value), mapped: fc.subarray(pathsOf(value), { maxLength: 3 }) }),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ({ value, mapped }) => {
        const frame = encodeFrame(value, mapped);
        for (const path of pathsOf(value)) expect(await readAt(frame, path)).toStrictEqual(readPath(value, path));
      }),
      { numRuns: 200 },
    );
  });

  it("keeps holes, bare objects, artifact refs and empty things", async () => {
    const bare: Record<string, unknown> = Object.assign(Object.create(null), { a: 1 });
    for (const value of [
      { list: [1, , undefined] },
      bare,
      { "": [] },
      [],
      {},
      artifactRefData("a", 1),
      { file: artifactRefData("a", 1) },
      new Map([[1, 2]]),
      "text",
      undefined,
    ])
      expect(await readAt(encodeFrame(value, []), [])).toStrictEqual(value);
  });

  it("makes what a task sees of an artifact", async () => {
    const frame = encodeFrame({ file: artifactRefData("a", 1) }, []);
    expect(await readFrame(reader(frame).read, frame.length, ["file"], { artifact: ({ uri }) => uri })).toBe("a");
  });

  const rows = Array.from({ length: 100_000 }, (_, id) => ({ id, region: "emea", note: `order ${id}` }));

  it("gives one element of a long list for a few kilobytes", async () => {
    const frame = encodeFrame({ rows }, []);
    for (const place of [0, 1, 777, 99_999]) {
      const { read, cost } = reader(frame);
      expect(await readFrame(read, frame.length, ["rows", place, "note"])).toBe(`order ${place}`);
      expect(cost.bytes).toBeLessThan(10_000);
      expect(cost.reads).toBeLessThan(8);
    }
    const { read, cost } = reader(frame);
    expect(await frameListLength(read, frame.length, ["rows"])).toBe(100_000);
    expect(cost.bytes).toBeLessThan(10_000);
  });

  it("cuts deeper only where the graph maps", async () => {
    const value = { report: { pages: { rows } } };
    const costAt = async (mapped: readonly Path[]) => {
      const frame = encodeFrame(value, mapped);
      const { read, cost } = reader(frame);
      expect(await readFrame(read, frame.length, ["report", "pages", "rows", 5])).toEqual(rows[5]);
      return cost.bytes;
    };
    expect(await costAt([["report", "pages", "rows"]])).toBeLessThan(20_000);
    expect(await costAt([])).toBeGreaterThan(1_000_000);
  });

  it("knows the length of a list that was not cut, and that there is none", async () => {
    const frame = encodeFrame({ deep: { list: [1, 2] }, text: "abc" }, []);
    const lengthAt = (path: Path) => frameListLength(reader(frame).read, frame.length, path);
    expect(await lengthAt(["deep", "list"])).toBe(2);
    for (const path of [[], ["text"], ["deep"], ["nowhere"], ["deep", "list", "length"]])
      expect(await lengthAt(path)).toBeNull();
  });

  it("names the whole path of what it can't store", () => {
    expect(() => encodeFrame({ rows: [{}, { fn() {} }] }, [], { at: 'the output of task "x"' })).toThrow(
      `The output of task "x" can't be stored: "rows[1].fn" in it is a function`,
    );
    expect(() => encodeFrame({ rows: [Promise.resolve()] }, [["rows", 0, "a"]])).toThrow(
      '"rows[0]" in it is a promise',
    );
    expect(() => encodeFrame(JSON.parse('{"__proto__":1}'), [])).toThrow('a key "__proto__"');
  });

  it("stops at the limit, before parts that share one large object fill the memory", () => {
    const shared = "x".repeat(1_000_000);
    const list = Array.from({ length: 100_000 }, () => ({ shared }));
    expect(() => encodeFrame({ list }, [], { maxBytes: 4_000_000 })).toThrow(
      expect.objectContaining({ code: "VALUE_TOO_LARGE", message: expect.stringContaining("ctx.artifact") }),
    );
  });

  it("is recognised: other bytes are refused", async () => {
    const frame = encodeFrame({ rows }, []);
    await expect(readAt(new Uint8Array(0), [])).rejects.toMatchObject({ code: "VALUE_UNREADABLE" });
    await expect(readAt(Buffer.from("[1,2,3]"), [])).rejects.toMatchObject({ code: "VALUE_UNREADABLE" });
    const short = frame.subarray(0, 5000);
    await expect(readFrame(reader(short).read, frame.length, ["rows", 99_999])).rejects.toMatchObject({
      code: "VALUE_UNREADABLE",
    });
  });
});
