import { expect, test } from "vitest";
import { build } from "./build.ts";
import type { Context } from "./context.ts";
import { dag } from "./dag.ts";
import { task } from "./task.ts";

const manifestOf = (body: () => unknown) => build(dag("w", {}, () => void body())).manifest;
const namesOf = (body: () => unknown) => manifestOf(body).tasks.map(({ name }) => name);

const clean = task("clean", { retries: 2, timeout: "1m" }, async ({ n }: { n: number }) => n + 1);
const hello = task("hello", () => "hi");

test("a task's function is called plainly outside a workflow", async () => {
  expect(await clean.fn({ n: 1 }, {} as Context)).toBe(2);
  expect(clean.name).toBe("clean");
});

test("a task called outside a body is refused", () => {
  expect(() => hello()).toThrow(
    expect.objectContaining({ code: "TASK_OUTSIDE_BODY", message: expect.stringContaining('Task "hello"') }),
  );
  expect(() => clean.map({ n: [1] })).toThrow(expect.objectContaining({ code: "TASK_OUTSIDE_BODY" }));
});

test("a node that outlived its body can't be ordered any more", () => {
  let kept: ReturnType<typeof hello> | undefined;
  manifestOf(() => (kept = hello()));
  expect(() => kept?.when("all_done")).toThrow(expect.objectContaining({ code: "TASK_OUTSIDE_BODY" }));
});

test("a second placing is numbered, around names that are taken", () => {
  expect(namesOf(() => [hello(), hello(), hello()])).toEqual(["hello", "hello_2", "hello_3"]);
  expect(namesOf(() => [hello(), hello.as("hello_2")(), hello()])).toEqual(["hello", "hello_2", "hello_3"]);
  expect(namesOf(() => [hello(), hello().as("hello")])).toEqual(["hello_2", "hello"]);
});

test("with and as make the same task: it is numbered with the others", () => {
  expect(
    namesOf(() => [
      clean({ n: 1 }),
      clean.with({ timeout: "2m" })({ n: 1 }),
      clean.as("eu")({ n: 1 }),
      clean.as("eu").as("us")({ n: 1 }),
    ]),
  ).toEqual(["clean", "clean_2", "eu", "us"]);
});

test("with keeps the options that it does not give", () => {
  const [task] = manifestOf(() => clean.with({ timeout: "2m" })({ n: 1 })).tasks;
  expect(task).toMatchObject({ timeoutMs: 120_000, retries: { limit: 2 } });
});

test("cacheFor is a time, and nothing where it is not given", () => {
  const [given, none] = manifestOf(() => [clean.with({ cacheFor: "1d" })({ n: 1 }), clean({ n: 1 })]).tasks;
  expect(given).toMatchObject({ cacheForMs: 86_400_000 });
  expect(none).not.toHaveProperty("cacheForMs");
  for (const [cacheFor, code] of [
    ["0s", "BAD_OPTION"],
    ["soon", "BAD_DURATION"],
  ] as const)
    expect(() => manifestOf(() => clean.with({ cacheFor })({ n: 1 }))).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining('"cacheFor"') }),
    );
});

test("two tasks with one name are refused", () => {
  const other = task("hello", () => "ho");
  expect(() => namesOf(() => [hello(), other()])).toThrow(
    expect.objectContaining({ code: "DUPLICATE_TASK", message: expect.stringContaining('two tasks named "hello"') }),
  );
  expect(() => namesOf(() => [hello.as("a")(), other.as("a")()])).toThrow(
    expect.objectContaining({ code: "DUPLICATE_TASK" }),
  );
  expect(() => namesOf(() => [hello().as("a"), hello().as("a")])).toThrow(
    expect.objectContaining({ code: "DUPLICATE_TASK" }),
  );
  expect(namesOf(() => [hello(), other.as("ho")()])).toEqual(["hello", "ho"]);
});

test("the stack of a late refusal points at the placing", () => {
  try {
    namesOf(() => [hello.as("a")(), hello.as("a")()]);
    expect.unreachable();
  } catch (error) {
    expect((error as Error).stack?.split("\n").find((line) => line.startsWith("    at "))).toContain("task.test.ts");
  }
});

test.each(["", "two words", "a/b", "ü", "x".repeat(201), "a\n"])("the name %j is refused", (name) => {
  expect(() => task(name, () => 1)).toThrow(expect.objectContaining({ code: "BAD_NAME" }));
  expect(() => hello.as(name)).toThrow(expect.objectContaining({ code: "BAD_NAME" }));
  expect(() => namesOf(() => hello().as(name))).toThrow(expect.objectContaining({ code: "BAD_NAME" }));
});

test("a task without a function is refused", () => {
  expect(() => task("x", {} as never)).toThrow(expect.objectContaining({ code: "BAD_BODY" }));
});

test("an option that no work has brought is refused when the task is placed, not when it is defined", () => {
  const split = task("extract", { lane: "db" } as never, () => 1);
  expect(() => manifestOf(() => split())).toThrow(
    expect.objectContaining({
      code: "UNKNOWN_OPTION",
      message: expect.stringMatching(
        /^Task "extract" in workflow "w" has an unknown option "lane"\. It takes: "retries", .*"tags"\.$/,
      ),
    }),
  );
});

test("an unknown option that is nearly a known one is told so", () => {
  expect(() => manifestOf(() => task("x", { timeOut: "1m" } as never, () => 1)())).toThrow(/Did you mean "timeout"\?/);
  expect(() => manifestOf(() => task("x", { retires: 1 } as never, () => 1)())).toThrow(/Did you mean "retries"\?/);
});

test.each([
  [{ timeout: 0 }, "BAD_OPTION"],
  [{ timeout: "soon" }, "BAD_DURATION"],
  [{ isolation: "pod" }, "BAD_OPTION"],
  [{ onWorkerLost: "again" }, "BAD_OPTION"],
  [{ allowFailure: "yes" }, "BAD_OPTION"],
  [{ dependsOnPast: 1 }, "BAD_OPTION"],
  [{ mapLimit: 0 }, "BAD_OPTION"],
  [{ queue: "" }, "BAD_NAME"],
  [{ queue: "a b" }, "BAD_NAME"],
  [{ connections: "orders" }, "BAD_OPTION"],
  [{ tags: [1] }, "BAD_OPTION"],
  [{ description: 1 }, "BAD_OPTION"],
  [[], "BAD_OPTION"],
])("the options %j are refused with %s, naming the task", (options, code) => {
  expect(() => manifestOf(() => task("x", options as never, () => 1)())).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining('Task "x" in workflow "w"') }),
  );
});

test("the defaults of a task", () => {
  expect(manifestOf(() => hello()).tasks[0]).toEqual({
    name: "hello",
    kind: "task",
    description: null,
    tags: [],
    input: null,
    map: null,
    group: null,
    after: [],
    rule: "all_success",
    arms: null,
    retries: null,
    timeoutMs: null,
    isolation: "shared",
    onWorkerLost: "rerun",
    allowFailure: false,
    mapLimit: 1_000_000,
    connections: null,
  });
});
