import { expect, test } from "vitest";
import { branch } from "./branch.ts";
import { build } from "./build.ts";
import { dag } from "./dag.ts";
import { group } from "./group.ts";
import { task } from "./task.ts";

const a = task("a", () => 1);
const b = task("b", () => 1);
const use = task("use", async (input: any) => input);
const way = branch("way", (): "left" | "right" => "left");

const manifestOf = (body: () => unknown) => build(dag("w", {}, () => void body())).manifest;
const refused = (body: () => unknown) => expect(() => manifestOf(body));

test("a branch holds the tasks of each arm, and they come after it", () => {
  const { tasks } = manifestOf(() => way().to({ left: a(), right: [b(), group("g", () => [a(), b()])] }));
  expect(tasks[0]).toMatchObject({ name: "way", kind: "branch", arms: { left: [1], right: [2, 3, 4] } });
  expect(tasks.slice(1).map(({ after }) => after)).toEqual([[0], [0], [0], [0]]);
});

test("a branch is named, ordered and given a rule like a task", () => {
  const { tasks } = manifestOf(() => {
    const first = way().after(a()).when("all_done").as("first");
    first.to({ left: [], right: [] });
    way().to({ left: [], right: [] });
  });
  expect(tasks).toMatchObject([{ name: "first", after: [1], rule: "all_done" }, { name: "a" }, { name: "way" }]);
});

test("a branch without arms is refused when the graph is built", () => {
  refused(() => way()).toThrow(
    expect.objectContaining({
      code: "BRANCH_WITHOUT_ARMS",
      message: expect.stringContaining('Branch "way" in workflow "w"'),
    }),
  );
});

test("arms given twice, none at all, or what is no task are refused", () => {
  const arms = expect.objectContaining({ code: "BRANCH_ARMS" });
  refused(() => way().to({} as never)).toThrow(arms);
  refused(() => way().to(null as never)).toThrow(arms);
  refused(() => {
    const node = way();
    node.to({ left: [], right: [] });
    node.to({ left: [], right: [] });
  }).toThrow(arms);
  refused(() => way().to({ left: a as never, right: [] })).toThrow(
    expect.objectContaining({ code: "NOT_PLACED", message: expect.stringContaining('arm "left" of branch "way"') }),
  );
});

test("an arm that is upstream of its branch is a cycle", () => {
  refused(() => {
    const first = a();
    const node = way().after(first);
    node.to({ left: first, right: [] });
  }).toThrow(expect.objectContaining({ code: "CYCLE", message: expect.stringContaining("a -> way -> a") }));
});

test("a branch inside a group.each decides inside it only", () => {
  refused(() => {
    const outside = a();
    group.each("g", [1], () => way().to({ left: b(), right: outside }));
  }).toThrow(
    expect.objectContaining({ code: "BRANCH_ACROSS_GROUP", message: expect.stringMatching(/"right" has task "a"/) }),
  );
  expect(
    manifestOf(() => group.each("g", [1], () => way().to({ left: b(), right: group("h", () => a()) }))).tasks[0]?.arms,
  ).toEqual({ left: [1], right: [2] });
});

test("a branch as a value, without a function, or outside a body is refused", () => {
  refused(() => use({ x: way() })).toThrow(
    expect.objectContaining({ code: "NOT_A_REF", message: expect.stringContaining('branch "way"') }),
  );
  expect(() => branch("x", undefined as never)).toThrow(expect.objectContaining({ code: "BAD_BODY" }));
  expect(() => way()).toThrow(expect.objectContaining({ code: "TASK_OUTSIDE_BODY" }));
});
