import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Path, Source } from "../core/manifest.ts";
import { decodeValue, encodeValue, readPath } from "../core/value-codec.ts";
import { type InputSources, resolveInput } from "./input.ts";
import type { Part } from "./protocol.ts";

const text = (value: unknown): Part => ({ kind: "text", text: encodeValue(value) });

const sources = (values: Record<string, Part>, more: Partial<InputSources> = {}): InputSources => ({
  values,
  params: () => ({ region: "emea" }),
  picks: [(value) => `picked ${String(value)}`],
  shared: () => encodeValue("shared"),
  decode: (encoded) => decodeValue(encoded),
  readFrame: () => Promise.reject(new Error("no frame here")),
  ...more,
});

const read = (input: Source, values: Record<string, Part> = {}, more?: Partial<InputSources>) =>
  resolveInput({ input, map: null }, sources(values, more));
const output = (task: number, ...path: Path): Source => ({ kind: "output", task, path });

describe("a source gives", () => {
  test.each<[string, Source, Record<string, Part>, unknown]>([
    ["a constant", { kind: "literal", value: encodeValue(new Date(0)) }, {}, new Date(0)],
    ["a param", { kind: "param", path: ["region"] }, {}, "emea"],
    ["a part of an output", output(1, "rows", 0), { "out:1": text({ rows: [5] }) }, 5],
    ["nothing where the path leaves the value", output(1, "no", "where"), { "out:1": text(null) }, undefined],
    ["what tasks share", output(1), { "out:1": { kind: "shared", key: "k" } }, "shared"],
    ["the element of a group", { kind: "element", group: 0, path: ["id"] }, { element: text({ id: 7 }) }, 7],
    [
      "each element's part, in order",
      output(1, "id"),
      { "out:1": { kind: "gathered", items: [text({ id: 1 }), text({ id: 2 })] } },
      [1, 2],
    ],
    ["nothing for what may be absent", { kind: "maybe", of: output(1) }, { "out:1": { kind: "absent" } }, undefined],
    [
      "the first that is there",
      { kind: "firstOf", of: [output(1), output(2), output(3)] },
      { "out:1": { kind: "absent" }, "out:2": text(undefined), "out:3": text(3) },
      undefined,
    ],
    ["what a pick makes", { kind: "pick", of: output(1), fn: 0 }, { "out:1": text(1) }, "picked 1"],
    [
      "no pick of what is absent",
      { kind: "maybe", of: { kind: "pick", of: output(1), fn: 0 } },
      { "out:1": { kind: "absent" } },
      undefined,
    ],
    [
      "a pick of what may be absent",
      { kind: "pick", of: { kind: "maybe", of: output(1) }, fn: 0 },
      { "out:1": { kind: "absent" } },
      "picked undefined",
    ],
    [
      "a structure",
      { kind: "object", fields: { a: output(1), b: { kind: "list", items: [output(1)] } } },
      { "out:1": text(1) },
      { a: 1, b: [1] },
    ],
    [
      "every element with its state",
      { kind: "settled", task: 1 },
      {
        "settled:1": {
          kind: "settled",
          items: [
            { kind: "element", state: "succeeded", value: text(1) },
            { kind: "element", state: "failed", value: null },
          ],
        },
      },
      [{ state: "succeeded", value: 1 }, { state: "failed" }],
    ],
  ])("%s", (_, source, values, expected) => {
    expect(read(source, values)).toEqual(expected);
  });
});

test("a mapped task gets its keys beside the shared part", () => {
  const map = { kind: "product" as const, lists: [{ key: "row", list: output(1) }] };
  const input: Source = { kind: "object", fields: { day: { kind: "literal", value: encodeValue("mon") } } };
  expect(resolveInput({ input, map }, sources({ "map:row": text({ id: 1 }) }))).toEqual({ day: "mon", row: { id: 1 } });
  expect(resolveInput({ input: null, map }, sources({ "map:row": text(1) }))).toEqual({ row: 1 });
});

test("a task without an input is called without one", () => {
  expect(resolveInput({ input: null, map: null }, sources({}))).toBeUndefined();
});

test("two refs into one output keep their identity, and two tasks share nothing", () => {
  const input: Source = { kind: "object", fields: { a: output(1, "row"), b: output(1, "row") } };
  const values = { "out:1": text({ row: { id: 1 } }) };
  const first = read(input, values) as { a: unknown; b: unknown };
  expect(first.a).toBe(first.b);
  expect((read(input, values) as { a: unknown }).a).not.toBe(first.a);
});

test("parts in the artifact store are read once each, and a pick sees them whole", async () => {
  const asked: unknown[] = [];
  const frames = { f1: { rows: [1, 2] }, f2: "two" } as Record<string, unknown>;
  const readFrame = async (uri: string, path: Path) => {
    asked.push([uri, path]);
    return readPath(frames[uri], path);
  };
  const input: Source = {
    kind: "object",
    fields: {
      rows: output(1, "rows"),
      again: output(1, "rows"),
      two: { kind: "pick", of: output(2), fn: 0 },
      here: output(3),
    },
  };
  const values: Record<string, Part> = {
    "out:1": { kind: "frame", uri: "f1", path: [] },
    "out:2": { kind: "frame", uri: "f2", path: [] },
    "out:3": text(3),
  };
  expect(await read(input, values, { readFrame })).toEqual({ rows: [1, 2], again: [1, 2], two: "picked two", here: 3 });
  expect(asked).toEqual([
    ["f1", ["rows"]],
    ["f2", []],
  ]);
});

test("a value reaches a task the same, whichever way it travels", async () => {
  await fc.assert(
    fc.asyncProperty(
      // A key "__proto__" is refused where the value is made.
      fc.jsonValue().filter((value) => !JSON.stringify(value).includes('"__proto__"')),
      fc.array(fc.oneof(fc.string(), fc.nat(3)), { maxLength: 2 }),
      async (value, path) => {
        const readFrame = async (_: string, at: Path) => readPath(value, at);
        const inline = read(output(1, ...path), { "out:1": text(value) });
        const framed = await read(
          output(1, ...path),
          { "out:1": { kind: "frame", uri: "f", path: [] } },
          { readFrame },
        );
        const shared = read(
          output(1, ...path),
          { "out:1": { kind: "shared", key: "k" } },
          { shared: () => encodeValue(value) },
        );
        expect([framed, shared]).toEqual([inline, inline]);
      },
    ),
  );
});
