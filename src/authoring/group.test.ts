import { expect, test } from "vitest";
import { firstOf, maybe, settled } from "./absent.ts";
import { branch } from "./branch.ts";
import { build } from "./build.ts";
import { dag } from "./dag.ts";
import { group } from "./group.ts";
import { pick } from "./pick.ts";
import { task } from "./task.ts";

const one = task("one", async () => ({ n: 1 }));
const double = task("double", async ({ n }: { n: number }) => ({ n: n * 2 }));
const use = task("use", async (input: any) => input);

const built = (body: () => unknown) => build(dag("w", {}, () => void body()));
const refused = (body: () => unknown) => expect(() => built(body));
const FOREIGN = expect.objectContaining({ code: "FOREIGN_ELEMENT" });

test("a task knows its innermost group, a group its parent", () => {
  const { tasks, groups } = built(() => {
    one();
    group("outer", () => {
      one();
      group("inner", () => one());
      one();
    });
    one();
  }).manifest;
  expect(tasks.map((task) => task.group)).toEqual([null, 0, 1, 0, null]);
  expect(groups.map(({ name, parent, each }) => [name, parent, each])).toEqual([
    ["outer", null, null],
    ["inner", 0, null],
  ]);
});

test("a plain group gives what its body returned", () => {
  const { tasks } = built(() => use({ n: group("g", () => ({ node: one() })).out.node.n })).manifest;
  expect(tasks[1]?.input).toEqual({ kind: "object", fields: { n: { kind: "output", task: 0, path: ["n"] } } });
});

test("inside a group.each refs are of the element, outside they are lists", () => {
  const { manifest, picks } = built(() => {
    const { out } = group.each("per", [1, 2], (n) => {
      const doubled = double({ n });
      return {
        whole: doubled,
        part: use({ n: doubled.n }),
        path: doubled.n,
        picked: pick(doubled, (value) => value.n + 1),
        list: [doubled],
        constant: "c",
      };
    });
    expect(out.constant).toBe("c");
    use({ all: [out.whole, out.path, out.picked, out.list[0], settled(out.whole)] });
  });
  expect(manifest.tasks[0]?.input).toEqual({ kind: "object", fields: { n: { kind: "element", group: 0, path: [] } } });
  expect(manifest.tasks[1]?.input).toEqual({ kind: "object", fields: { n: { kind: "output", task: 0, path: ["n"] } } });
  const fn = manifest.picks - 1;
  expect(manifest.tasks[2]?.input).toEqual({
    kind: "object",
    fields: {
      all: {
        kind: "list",
        items: [
          { kind: "output", task: 0, path: [] },
          { kind: "output", task: 0, path: ["n"] },
          { kind: "pick", of: { kind: "output", task: 0, path: [] }, fn },
          { kind: "output", task: 0, path: [] },
          { kind: "settled", task: 0 },
        ],
      },
    },
  });
  expect(picks[fn]?.([{ n: 1 }, { n: 5 }])).toEqual([2, 6]);
});

test("a group inside a group.each is gathered too", () => {
  const { tasks } = built(() => {
    const { out } = group.each("per", [1], (n) => group("inner", () => double({ n })));
    use({ all: out.out }).after(out as never);
  }).manifest;
  expect(tasks[1]).toMatchObject({ input: { fields: { all: { kind: "output", task: 0, path: [] } } }, after: [0] });
});

test("a branch that a group.each returns can be ordered after", () => {
  const way = branch("way", () => "go" as const);
  const { tasks } = built(() => {
    const { out } = group.each("per", [1], () => {
      const node = way();
      node.to({ go: one() });
      return { node };
    });
    use({}).after(out.node as never);
  }).manifest;
  expect(tasks[2]?.after).toEqual([0]);
});

test("an element or an inner ref outside its group.each is refused", () => {
  let element: any;
  let inner: any;
  const place = () => group.each("per", [{ n: 1 }], (n) => ((element = n), (inner = double(n as never)), undefined));
  for (const misuse of [
    () => use({ x: element }),
    () => use({ x: element.n }),
    () => use({ x: inner }),
    () => use.map({ x: inner.rows }),
    () => maybe(inner),
    () => firstOf(one(), inner),
    () => pick(inner, () => 1),
    () => group("plain", () => use({ x: inner })),
  ]) {
    refused(() => [place(), misuse()]).toThrow(FOREIGN);
  }
  refused(() => [place(), use({ x: inner })]).toThrow(/"double", which has a value only inside group\.each "per"/);
});

test("what was made of inner refs keeps to its group.each", () => {
  let kept: unknown;
  refused(() => {
    group.each("per", [1], (n) => void (kept = firstOf(double({ n }), one())));
    use({ kept });
  }).toThrow(FOREIGN);
});

test("what has no list with a value per element can't be returned", () => {
  refused(() => group.each("per", [1], (n) => n)).toThrow(FOREIGN);
  refused(() => group.each("per", [1], (n) => maybe(double({ n })))).toThrow(FOREIGN);
  refused(() => {
    const outside = one();
    group.each("per", [1], () => outside);
  }).toThrow(/It is not made in the group: use it outside as it is/);
});

test("inside its group.each an element's property is a path", () => {
  const { tasks } = built(() => group.each("per", [{ n: 1 }], (item) => double({ n: item.n }))).manifest;
  expect(tasks[0]?.input).toEqual({ kind: "object", fields: { n: { kind: "element", group: 0, path: ["n"] } } });
});

test("two groups of one name are numbered; two given one name are refused", () => {
  expect(
    built(() => [
      group("g", () => one()),
      group("g", () => one()),
      group("h", () => one()).as("g_2"),
    ]).manifest.groups.map(({ name }) => name),
  ).toEqual(["g", "g_3", "g_2"]);
  refused(() => [group("g", () => one()).as("x"), group("h", () => one()).as("x")]).toThrow(
    expect.objectContaining({ code: "DUPLICATE_GROUP" }),
  );
});

test("a group takes retries and nothing else; a function can't be asked about its errors", () => {
  const late = class LateError extends Error {};
  const { groups } = built(() => [
    group("a", { retries: 2 }, () => one()),
    group.each("b", { retries: { limit: 1, on: [{ error: late, limit: 0 }, { error: "X" }] } }, [1], (n) =>
      double({ n }),
    ),
  ]).manifest;
  expect(groups.map(({ retries }) => retries)).toMatchObject([
    { limit: 2, backoff: "exponential", delayMs: 1000 },
    { limit: 1, on: [{ error: "LateError", limit: 0 }, { error: "X" }] },
  ]);
  refused(() => group("a", { timeout: "1m" } as never, () => one())).toThrow(
    expect.objectContaining({
      code: "UNKNOWN_OPTION",
      message: 'group "a" in workflow "w" has an unknown option "timeout". It takes: "retries".',
    }),
  );
  refused(() => group("a", { retries: { limit: 1, on: [{ error: () => true }] } }, () => one())).toThrow(
    expect.objectContaining({ code: "BAD_OPTION" }),
  );
});

test("an async group body is refused, and its rejection ends nobody", () => {
  refused(() => group("g", (async () => one()) as never)).toThrow(
    expect.objectContaining({ code: "ASYNC_BODY", message: expect.stringContaining('group "g"') }),
  );
  refused(() => group.each("g", [1], (async (n: never) => double({ n })) as never)).toThrow(
    expect.objectContaining({ code: "ASYNC_BODY" }),
  );
});

test("a group outside a body, without one, or with a bad name is refused", () => {
  expect(() => group("g", () => 1)).toThrow(expect.objectContaining({ code: "TASK_OUTSIDE_BODY" }));
  refused(() => group("g", {} as never)).toThrow(expect.objectContaining({ code: "BAD_BODY" }));
  refused(() => group.each("g", one() as never, undefined as never)).toThrow(
    expect.objectContaining({ code: "BAD_BODY" }),
  );
  refused(() => group("a b", () => one())).toThrow(expect.objectContaining({ code: "BAD_NAME" }));
});

test("tasks placed after a group whose body threw are outside of it", () => {
  const { tasks } = built(() => {
    try {
      group("g", () => {
        throw new Error("half way");
      });
    } catch {
      one();
    }
  }).manifest;
  expect(tasks[0]?.group).toBeNull();
});
