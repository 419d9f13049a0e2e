import { expect, test } from "vitest";
import { build } from "./build.ts";
import { chain } from "./chain.ts";
import { dag } from "./dag.ts";
import { group } from "./group.ts";
import { task } from "./task.ts";

const step = task("step", () => 1);
const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => step.as(name)) as [
  typeof step,
  typeof step,
  typeof step,
  typeof step,
];

/** Edges as `a>b`. */
function edges(body: () => unknown): string[] {
  const { tasks } = build(dag("w", {}, () => void body())).manifest;
  return tasks.flatMap((task) => task.after.map((from) => `${tasks[from]?.name}>${task.name}`)).sort();
}
const code = (body: () => unknown): unknown => {
  try {
    edges(body);
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return null;
};

test("after and before order tasks, lists and groups, once", () => {
  expect(edges(() => a().after(b(), [c(), d()]))).toEqual(["b>a", "c>a", "d>a"]);
  expect(edges(() => a().before(b(), [c()]).before(d()))).toEqual(["a>b", "a>c", "a>d"]);
  expect(
    edges(() => {
      const first = a();
      b().after(first).after(first);
    }),
  ).toEqual(["a>b"]);
  expect(edges(() => a().after(group("g", () => [b(), group("inner", () => c())])))).toEqual(["b>a", "c>a"]);
});

test("a group's methods apply to all its tasks, as renames the group", () => {
  const { tasks, groups } = build(
    dag(
      "w",
      {},
      () =>
        void group("g", () => [a(), b()])
          .after(c())
          .when("all_done")
          .as("stage"),
    ),
  ).manifest;
  expect(tasks.map(({ name, after, rule }) => [name, after, rule])).toEqual([
    ["a", [2], "all_done"],
    ["b", [2], "all_done"],
    ["c", [], "all_success"],
  ]);
  expect(groups).toMatchObject([{ name: "stage" }]);
});

test("chain orders each step after all of the one before, and passes over empty ones", () => {
  expect(edges(() => chain(a(), [b(), c()], d()))).toEqual(["a>b", "a>c", "b>d", "c>d"]);
  expect(edges(() => chain(a(), [], b()))).toEqual(["a>b"]);
  expect(
    edges(() =>
      chain(
        group("g", () => [a(), b()]),
        c(),
      ),
    ),
  ).toEqual(["a>c", "b>c"]);
  expect(
    edges(() => {
      a();
      chain();
    }),
  ).toEqual([]);
});

test("what is not placed is refused", () => {
  expect(code(() => a().after(b as never))).toBe("NOT_PLACED");
  expect(code(() => a().after(null as never))).toBe("NOT_PLACED");
  expect(code(() => chain(a(), "b" as never))).toBe("NOT_PLACED");
  expect(() => edges(() => a().after(b as never))).toThrow(/the task "step" was not called: write step\(…\)/);
  expect(code(() => chain(a(), (a() as unknown as { x: never }).x))).toBe("NOT_PLACED");
});

test("a node of another workflow is refused", () => {
  let kept: ReturnType<typeof step> | undefined;
  edges(() => (kept = a()));
  expect(code(() => b().after(kept as never))).toBe("FOREIGN_REF");
});

test("an unknown trigger rule is refused with all that there are", () => {
  expect(() => edges(() => a().when("all_succes" as never))).toThrow(
    expect.objectContaining({
      code: "UNKNOWN_TRIGGER_RULE",
      message: expect.stringMatching(
        /task "a" in workflow "w".*Did you mean "all_success"\? The rules are: all_success, all_failed, .*, always\./,
      ),
    }),
  );
});

test("ordering outside a body is refused", () => {
  expect(() => chain()).toThrow(expect.objectContaining({ code: "TASK_OUTSIDE_BODY" }));
});
