import { expect, test } from "vitest";
import { z } from "zod";
import type { Ref } from "./ref.ts";
import { firstOf, maybe, settled } from "./absent.ts";
import { build } from "./build.ts";
import { dag } from "./dag.ts";
import { group } from "./group.ts";
import { zip } from "./map.ts";
import { pick } from "./pick.ts";
import { task } from "./task.ts";

const list = task("list", async () => [1, 2]);
const other = task("other", async () => [3]);
const wrapped = task("wrapped", async () => ({ items: [1] }));
const double = task("double", async ({ n }: { n: number }) => n * 2);
const pair = task("pair", async ({ x, y }: { x: number; y: number }) => x + y);
const use = task("use", async (input: any) => input);

type Params = Ref<{ ns: number[] }>;
const mapOf = (body: (params: Params) => unknown) =>
  build(
    dag("w", { params: z.object({ ns: z.array(z.number()) }) }, ({ params }) => void body(params)),
  ).manifest.tasks.at(-1)?.map;
const refused = (body: (params: Params) => unknown) => expect(() => mapOf(body));
const UNSUPPORTED = expect.objectContaining({
  code: "MAP_SOURCE_UNSUPPORTED",
  message: expect.stringContaining("Put it in a task that returns the list"),
});

test.each<[string, (params: Params) => unknown, string]>([
  ["a written list", () => double.map({ n: [1, 2] }), "literal"],
  ["a written list with a ref inside", () => double.map({ n: [1, pick(list(), (l) => l[0] ?? 0)] }), "list"],
  ["a param", (params) => double.map({ n: params.ns }), "param"],
  ["an output", () => double.map({ n: list() }), "output"],
  ["a property of an output", () => double.map({ n: wrapped().items }), "output"],
  ["the output of a mapped task", () => double.map({ n: double.map({ n: [1] }) }), "output"],
  ["the gathered values of a group", () => double.map({ n: group.each("g", [1], (n) => double({ n })).out }), "output"],
  ["settled", () => use.map({ end: settled(double.map({ n: [1] })) }), "settled"],
  ["firstOf", (params) => double.map({ n: firstOf(list(), other(), params.ns) }), "firstOf"],
  ["a pick of an output", () => double.map({ n: pick(wrapped(), (w) => w.items) }), "pick"],
  ["a pick of a param", (params) => double.map({ n: pick(params.ns, (ns) => ns) }), "pick"],
  ["a pick of firstOf", () => double.map({ n: pick(firstOf(list(), other()), (l) => l) }), "pick"],
  [
    "a pick of a pick",
    () =>
      double.map({
        n: pick(
          pick(wrapped(), (w) => w.items),
          (l) => l,
        ),
      }),
    "pick",
  ],
  ["a property of a pick", () => double.map({ n: pick(wrapped(), (w) => w).items }), "pick"],
])("%s may be mapped over", (_, body, kind) => {
  expect(mapOf(body)?.lists[0]?.list.kind).toBe(kind);
});

test.each<[string, (params: Params) => unknown]>([
  ["maybe", () => double.map({ n: maybe(list()) as never })],
  ["a pick of a mapped task", () => double.map({ n: pick(double.map({ n: [1] }), (l) => l) })],
  ["a pick of settled", () => use.map({ n: pick(settled(double.map({ n: [1] })), (l) => [...l]) })],
  [
    "a pick of a group's values",
    () => double.map({ n: pick(group.each("g", [1], (n) => double({ n })).out, (l) => l) }),
  ],
  ["a pick of maybe", () => double.map({ n: pick(maybe(list()), (l) => l ?? []) })],
  [
    "firstOf with a pick",
    () =>
      double.map({
        n: firstOf(
          list(),
          pick(other(), (l) => l),
        ),
      }),
  ],
  ["a number", () => double.map({ n: 5 as never })],
  ["an object", () => double.map({ n: { a: list() } as never })],
])("%s may not be mapped over", (_, body) => refused(body).toThrow(UNSUPPORTED));

test("a pick of a pick is one function", () => {
  const { manifest, picks } = build(
    dag(
      "w",
      {},
      () =>
        void use({
          n: pick(
            pick(wrapped(), (w) => w.items),
            (items) => items.length,
          ),
        }),
    ),
  );
  expect(manifest.tasks[1]?.input).toMatchObject({ fields: { n: { kind: "pick", of: { kind: "output" }, fn: 1 } } });
  expect(picks[1]?.({ items: [1, 2, 3] })).toBe(3);
});

test("a map without lists is refused with how to write it", () => {
  refused(() => (double.map as any)({})).toThrow(/needs a list per input/);
  refused(() => (double.map as any)(list())).toThrow(
    /Name the input that takes an element: double\.map\(\{ row: rows \}\)/,
  );
  refused(() => (double.map as any)([1, 2])).toThrow(expect.objectContaining({ code: "MAP_SOURCE_UNSUPPORTED" }));
  refused(() => (pair.map as any)({ x: [1] }, { x: 1, y: 2 })).toThrow(/"x" both as a list and as a shared input/);
});

test("several lists keep the order of their keys; zip is told apart", () => {
  expect(mapOf(() => pair.map({ y: [1], x: list() }))).toMatchObject({
    kind: "product",
    lists: [{ key: "y" }, { key: "x" }],
  });
  expect(mapOf(() => pair.map(zip({ x: [1], y: list() })))).toMatchObject({
    kind: "zip",
    lists: [{ key: "x" }, { key: "y" }],
  });
});

test("a map or a group.each inside a group.each is refused", () => {
  const nested = expect.objectContaining({ code: "NESTED_MAP" });
  refused(() => group.each("g", [1], () => double.map({ n: [1] }))).toThrow(nested);
  refused(() => group.each("g", [1], () => group.each("h", [1], (n) => double({ n })))).toThrow(nested);
  refused(() => group.each("g", [1], () => group("inner", () => double.map({ n: [1] })))).toThrow(nested);
});

test("a group.each takes the same lists as a map", () => {
  refused(() => group.each("g", maybe(list()) as never, (n: Ref<number>) => double({ n }))).toThrow(UNSUPPORTED);
  const { groups } = build(
    dag(
      "w",
      {},
      () =>
        void group.each(
          "g",
          pick(wrapped(), (w) => w.items),
          (n) => double({ n }),
        ),
    ),
  ).manifest;
  expect(groups[0]?.each?.kind).toBe("pick");
});
