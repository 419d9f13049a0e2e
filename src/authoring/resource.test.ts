import { expect, test } from "vitest";
import { build } from "./build.ts";
import { chain } from "./chain.ts";
import { dag } from "./dag.ts";
import { group } from "./group.ts";
import { type Resource, resource } from "./resource.ts";
import { task } from "./task.ts";

const cluster = resource("cluster", {
  setup: ({ size }: { size: number }) => ({ url: `spark://${size}`, size }),
  teardown: (made, ctx) => ctx.log.info(`ends ${made?.url}`),
  retries: 2,
  timeout: "10m",
  onWorkerLost: "fail",
});
const work = task("work", ({ url }: { url: string }) => url);
const plain = task("plain", () => 1);
const hosts = resource("hosts", { setup: () => ({ names: ["a", "b"] }), teardown: () => {} });

const tasksOf = (body: () => void, options = {}) => build(dag("w", options, body)).manifest.tasks;

test("a resource is two tasks, of which the second comes after everything that uses the first", () => {
  const tasks = tasksOf(() => {
    const { url } = cluster({ size: 3 });
    const first = work({ url });
    plain().after(first);
    plain
      .as("ordered")()
      .after(cluster.as("other")({ size: 1 }));
  });

  expect(tasks.map(({ name, kind }) => [name, kind])).toEqual([
    ["cluster.setup", "setup"],
    ["cluster.teardown", "teardown"],
    ["work", "task"],
    ["plain", "task"],
    ["ordered", "task"],
    ["other.setup", "setup"],
    ["other.teardown", "teardown"],
  ]);
  expect(tasks[1]).toMatchObject({
    after: [2],
    rule: "all_done",
    input: { kind: "maybe", of: { kind: "output", task: 0, path: [] } },
    retries: { limit: 2 },
    timeoutMs: 600_000,
  });
  expect(tasks[6]).toMatchObject({ after: [4] });
  expect([tasks[0], tasks[1]].map((one) => one?.onWorkerLost)).toEqual(["fail", "rerun"]);
});

test("who has a group with what uses it before does not use it, and what comes before that group comes before it", () => {
  const tasks = tasksOf(() => {
    const own = group("own", () => {
      const { url } = cluster({ size: 1 });
      return work({ url });
    });
    plain.as("before")().before(own);
    chain(own, plain.as("last")());
  });
  const place = (name: string) => tasks.findIndex((one) => one.name === name);

  expect(tasks[place("cluster.teardown")]?.after).toEqual([place("work")]);
  expect(tasks[place("cluster.setup")]?.after).toEqual([place("before")]);
  expect(tasks[place("last")]?.after).toEqual([place("work")]);
});

test("what was set up in another resource is taken down first", () => {
  const schema = resource("schema", { setup: ({ url }: { url: string }) => url, teardown: () => {} });
  const tasks = tasksOf(() => void work({ url: schema({ url: cluster({ size: 1 }).url }) }));

  expect(tasks.map(({ name }) => name)).toEqual([
    "cluster.setup",
    "cluster.teardown",
    "schema.setup",
    "schema.teardown",
    "work",
  ]);
  expect(tasks[1]?.after).toEqual([2, 3]);
  expect(tasks[3]?.after).toEqual([4]);
});

test("a second placing, and one that is renamed, have names of their own", () => {
  const tasks = tasksOf(() => {
    work({ url: cluster({ size: 1 }).url });
    const second = cluster({ size: 2 });
    work({ url: second.url });
    const third = cluster.with({ retries: 0 })({ size: 3 }).as("eu");
    work({ url: third.url });
  });

  expect(tasks.filter(({ kind }) => kind !== "task").map(({ name }) => name)).toEqual([
    "cluster.setup",
    "cluster.teardown",
    "cluster.setup_2",
    "cluster.teardown_2",
    "eu.setup",
    "eu.teardown",
  ]);
  expect(tasks.find(({ name }) => name === "eu.setup")?.retries).toBeNull();
});

test("who hears of a workflow's failures hears of what is left behind, unless the resource says who does", () => {
  const tell = () => {};
  const own = () => {};
  const built = build(
    dag("told", { onFailure: tell }, () => {
      work({ url: cluster({ size: 1 }).url });
      work({ url: cluster.with({ onFailure: own }).as("told")({ size: 2 }).url });
    }),
  );
  const { tasks } = built.manifest;

  expect(tasks.map(({ name, alerts }) => [name, alerts])).toEqual([
    ["cluster.setup", undefined],
    ["cluster.teardown", { failed: ["function tell"] }],
    ["work", undefined],
    ["told.setup", { failed: ["function own"] }],
    ["told.teardown", { failed: ["function own"] }],
    ["work_2", undefined],
  ]);
  expect(built.bodies.map(({ receivers }) => receivers?.failed)).toEqual([
    undefined,
    [tell],
    undefined,
    [own],
    [own],
    undefined,
  ]);
});

test("its code can be called plainly", () => {
  expect(cluster.setup({ size: 2 }, {} as never)).toEqual({ url: "spark://2", size: 2 });
  expect(cluster.name).toBe("cluster");
});

test.each([
  ["one that no task uses", "UNUSED_RESOURCE", () => void cluster({ size: 1 })],
  [
    "one in a group with retries",
    "RESOURCE_IN_GROUP",
    () => void group("g", { retries: 1 }, () => work({ url: cluster({ size: 1 }).url })),
  ],
  [
    "one in a group inside a group.each",
    "RESOURCE_IN_GROUP",
    () => void group.each("g", [1, 2], () => group("inner", () => work({ url: cluster({ size: 1 }).url }))),
  ],
  [
    "an option of tasks that it does not have",
    "UNKNOWN_OPTION",
    () => void work({ url: cluster.with({ mapLimit: 3 } as never)({ size: 1 }).url }),
  ],
  [
    "a list of it that is mapped over",
    "MAP_SOURCE_UNSUPPORTED",
    () => void task("each", ({ name }: { name: string }) => name).map({ name: hosts().names }),
  ],
  [
    "a list of it that a group runs for",
    "MAP_SOURCE_UNSUPPORTED",
    () => void group.each("per_host", hosts().names, () => plain()),
  ],
  ["itself instead of its value", "VALUE_NOT_SERIALIZABLE", () => void work({ url: cluster as never })],
  ["one that was not called", "NOT_PLACED", () => void plain().after(cluster as never)],
])("%s is refused as %s", (_, code, body) => {
  expect(() => tasksOf(body)).toThrowError(expect.objectContaining({ code }));
});

test.each([
  ["without a teardown", "BAD_BODY", () => resource("x", { setup: () => 1 } as never)],
  ["with a function instead of options", "BAD_BODY", () => resource("x", (() => 1) as never)],
  ["without options", "BAD_BODY", () => (resource as (name: string) => Resource<void, unknown>)("x")],
  ["with a name that is none", "BAD_NAME", () => resource("a b", { setup: () => 1, teardown: () => {} })],
  ["with too long a name", "BAD_NAME", () => resource("a".repeat(195), { setup: () => 1, teardown: () => {} })],
  ["outside a body", "TASK_OUTSIDE_BODY", () => cluster({ size: 1 })],
])("a resource %s is refused as %s", (_, code, make) => {
  expect(make).toThrowError(expect.objectContaining({ code }));
});
