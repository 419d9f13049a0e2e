import { expect, test } from "vitest";
import { decodeValue } from "../core/value-codec.ts";
import { build } from "./build.ts";
import { dag } from "./dag.ts";
import { group } from "./group.ts";
import { task } from "./task.ts";

const one = task("one", async () => ({ n: 1, rows: [1] }));
const use = task("use", async (input: any) => input);

const inputOf = (place: () => unknown) => build(dag("w", {}, () => void place())).manifest.tasks.at(-1)?.input;
const refused = (body: () => unknown) => expect(() => build(dag("w", {}, () => void body())));

test("a constant input is one literal", () => {
  const value = { list: [1, undefined, new Date(0)], map: new Map([["a", 1n]]), nested: { deep: [new Set([1])] } };
  const input = inputOf(() => use(value));
  expect(input?.kind).toBe("literal");
  expect(decodeValue(input?.kind === "literal" ? input.value : "")).toEqual(value);
});

test("constant parts beside a ref are one literal each", () => {
  const input = inputOf(() => use({ a: { b: [1, { c: 2 }] }, ref: one().n, list: [one(), { d: 1 }] }));
  expect(input).toMatchObject({
    kind: "object",
    fields: {
      a: { kind: "literal" },
      ref: { kind: "output", path: ["n"] },
      list: { kind: "list", items: [{ kind: "output", path: [] }, { kind: "literal" }] },
    },
  });
});

test("a whole ref may be the input, and so may a plain value", () => {
  expect(inputOf(() => use(one()))).toEqual({ kind: "output", task: 0, path: [] });
  expect(inputOf(() => use("text"))).toMatchObject({ kind: "literal" });
  expect(inputOf(() => use(undefined))).toBeNull();
});

test("a constant that holds itself is a literal", () => {
  const loop: unknown[] = [];
  loop.push(loop);
  expect(inputOf(() => use({ loop }))?.kind).toBe("literal");
});

test("a very deep constant is no reason to overflow", () => {
  let deep: unknown = null;
  for (let i = 0; i < 100_000; i++) deep = { deep };
  refused(() => use({ deep })).toThrow(expect.objectContaining({ code: "VALUE_NOT_SERIALIZABLE" }));
});

test.each([
  ["a function", () => 1],
  [
    "a class instance",
    new (class Sale {
      sku = "x";
    })(),
  ],
  ["a promise", Promise.resolve(1)],
  ["a symbol", Symbol("x")],
])("%s in an input is refused with the task's name and the path", (_, value) => {
  refused(() => use.as("load")({ ref: one(), rows: [{ sale: value }] })).toThrow(
    expect.objectContaining({
      code: "VALUE_NOT_SERIALIZABLE",
      message: expect.stringMatching(/^"rows" in the input of task "load" of workflow "w" .*"\[0\]\.sale"/),
    }),
  );
});

test("a ref inside a Map or a Set is refused", () => {
  refused(() => use({ map: new Map([["a", one().n]]) })).toThrow(
    expect.objectContaining({ code: "REF_USED_AS_VALUE", message: expect.stringContaining("Map with a ref inside") }),
  );
  refused(() => use({ set: new Set([one()]) })).toThrow(expect.objectContaining({ code: "REF_USED_AS_VALUE" }));
});

test("a ref inside something that holds itself is refused", () => {
  const loop: Record<string, unknown> = {};
  loop["again"] = loop;
  refused(() => use({ loop: Object.assign(loop, { ref: one() }) })).toThrow(
    expect.objectContaining({ code: "VALUE_NOT_SERIALIZABLE", message: expect.stringContaining("holds itself") }),
  );
});

test("a task that was not called is refused with the call", () => {
  refused(() => use({ rows: one })).toThrow(
    expect.objectContaining({ code: "VALUE_NOT_SERIALIZABLE", message: expect.stringContaining("one(…)") }),
  );
});

test("a group as a value is refused with its out", () => {
  refused(() => use({ g: group("g", () => one()) })).toThrow(
    expect.objectContaining({ code: "NOT_A_REF", message: expect.stringContaining('"out"') }),
  );
});

test("a ref of another workflow is refused with both names", () => {
  let kept: unknown;
  build(dag("first", {}, () => void (kept = one())));
  refused(() => use({ kept })).toThrow(
    expect.objectContaining({
      code: "FOREIGN_REF",
      message: expect.stringMatching(/"one" of workflow "first".*workflow "w"/),
    }),
  );
});

test("a key __proto__ beside a ref is refused", () => {
  const odd = Object.defineProperty({}, "__proto__", { value: 1, enumerable: true });
  refused(() => use({ odd: Object.assign(odd, { ref: one() }) })).toThrow(
    expect.objectContaining({ code: "VALUE_NOT_SERIALIZABLE" }),
  );
});

test("refs very deep inside a structure are refused", () => {
  refused(() => {
    let deep: unknown = one();
    for (let i = 0; i < 300; i++) deep = [deep];
    use({ deep });
  }).toThrow(
    expect.objectContaining({ code: "VALUE_NOT_SERIALIZABLE", message: expect.stringContaining("levels deep") }),
  );
});
