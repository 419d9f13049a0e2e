import { expect, test } from "vitest";
import { z } from "zod";
import { build, isWorkflow } from "./build.ts";
import { connection, startDeclarations } from "./connection.ts";
import { dag } from "./dag.ts";
import { group } from "./group.ts";
import { task } from "./task.ts";

const a = task("a", () => 1);
const b = task("b", () => 1);
const c = task("c", () => 1);
const use = task("use", async (input: any) => input);

const refused = (body: () => unknown) => expect(() => build(dag("w", {}, () => void body())));
const code = (name: string) => expect.objectContaining({ code: name });

test("the body runs when the graph is built, once", () => {
  let runs = 0;
  const workflow = dag("w", {}, () => {
    runs++;
    a();
  });
  expect(runs).toBe(0);
  expect(build(workflow)).toBe(build(workflow));
  expect(runs).toBe(1);
});

test("a build that failed is tried anew", () => {
  let fail = true;
  const workflow = dag("w", {}, () => {
    if (fail) throw new Error("not yet");
    a();
  });
  expect(() => build(workflow)).toThrow("not yet");
  fail = false;
  expect(build(workflow).manifest.tasks).toHaveLength(1);
});

test("a workflow that is built inside another's body does not mix with it", () => {
  const inner = dag("inner", {}, () => void b());
  const outer = dag("outer", {}, () => {
    a();
    build(inner);
    c();
  });
  expect(build(outer).manifest.tasks.map(({ name }) => name)).toEqual(["a", "c"]);
});

test("only what dag made is a workflow", () => {
  expect(isWorkflow(dag("w", {}, () => void a()))).toBe(true);
  for (const other of [null, undefined, {}, { name: "w" }, a, "w", [dag("w", {}, () => void a())]])
    expect(isWorkflow(other)).toBe(false);
  expect(() => build({ name: "w" })).toThrow(code("NOT_A_WORKFLOW"));
});

test("an async body is refused, and its rejection ends nobody", () => {
  const body: any = async () => a();
  expect(() => build(dag("w", {}, body))).toThrow(
    expect.objectContaining({ code: "ASYNC_BODY", message: expect.stringContaining('Workflow "w"') }),
  );
});

test("a body that returns a node, a group or nothing is fine", () => {
  for (const body of [() => a(), () => group("g", () => a()), () => void a(), () => [a()]])
    expect(build(dag("w", {}, body as () => void)).manifest.tasks).toHaveLength(1);
});

test("an empty workflow, one without a body, and a bad name are refused", () => {
  refused(() => 1).toThrow(code("EMPTY_WORKFLOW"));
  expect(() => build(dag("w", {}, undefined as never))).toThrow(code("BAD_BODY"));
  expect(() => build(dag("w", (() => a()) as never, undefined as never))).toThrow(code("BAD_OPTION"));
  expect(() => build(dag("my workflow", {}, () => void a()))).toThrow(code("BAD_NAME"));
  expect(() => build(dag(1 as never, {}, () => void a()))).toThrow(code("BAD_NAME"));
});

test("an option that no work has brought is refused when the graph is built", () => {
  expect(() => build(dag("retail", { catchUp: false } as never, () => void a()))).toThrow(
    expect.objectContaining({
      code: "UNKNOWN_OPTION",
      message: expect.stringMatching(
        /^Workflow "retail" has an unknown option "catchUp"\. Did you mean "catchup"\? It takes: "schedule", .*"tags"\.$/,
      ),
    }),
  );
  expect(() => build(dag("retail", { shedule: "@daily" } as never, () => void a()))).toThrow(
    /Did you mean "schedule"\?/,
  );
});

test.each([{ catchup: "yes" }, { maxActiveRuns: 0 }, { maxActiveRuns: 1.5 }, { overlap: "drop" }])(
  "the options %j are refused, naming the workflow",
  (options) => {
    expect(() => build(dag("retail", options as never, () => void a()))).toThrow(
      expect.objectContaining({ code: "BAD_OPTION", message: expect.stringContaining('Workflow "retail"') }),
    );
  },
);

test("an overlap rule alone is one for a single run at a time, and what nobody gave is not in the manifest", () => {
  const limits = (options: object) => {
    const { catchup, maxActiveRuns, overlap } = build(dag("retail", options, () => void a())).manifest;
    return { catchup, maxActiveRuns, overlap };
  };
  expect(limits({ overlap: "skip" })).toEqual({ maxActiveRuns: 1, overlap: "skip" });
  expect(limits({ catchup: false, maxActiveRuns: 3, overlap: "queue" })).toEqual({ maxActiveRuns: 3 });
  expect(Object.keys(build(dag("plain", {}, () => void a())).manifest)).not.toContain("catchup");
});

test("a cycle is refused with its tasks in the order of the data", () => {
  refused(() => {
    const nodes = [a(), b(), c()] as const;
    nodes[1].after(nodes[0]);
    nodes[2].after(nodes[1]);
    nodes[0].after(nodes[2]);
  }).toThrow(
    expect.objectContaining({
      code: "CYCLE",
      message: expect.stringMatching(/^Workflow "w" has a cycle.*: a -> b -> c -> a\./),
    }),
  );
  refused(() => {
    const node = a();
    node.after(node);
  }).toThrow(/: a -> a\./);
  refused(() => {
    const node = a();
    use({ x: node }).as("last").before(node);
  }).toThrow(/: a -> last -> a\./);
});

test("a cycle through the list of a group.each is refused, also for a task in it that takes no element", () => {
  refused(() => {
    const list = use([1]);
    let inner: any;
    group.each("g", list as never, () => void (inner = b()));
    list.after(inner);
  }).toThrow(/: use -> b -> use\./);
});

test("a task in a retried group can't wait for one outside that waits for the group", () => {
  const inAndOut = (options: object) => () => {
    const nodes: any = {};
    group("g", options, () => Object.assign(nodes, { a: a(), b: b() }));
    nodes.b.after(use({ x: nodes.a }));
  };
  refused(inAndOut({ retries: 1 })).toThrow(
    expect.objectContaining({
      code: "CYCLE",
      message: expect.stringMatching(/: group "g" -> use -> b -> group "g"\. .*counts as one/),
    }),
  );
  expect(build(dag("w", {}, inAndOut({}))).manifest.tasks).toHaveLength(3);
});

test("what is wrong with the whole workflow is put down to the call of dag", () => {
  const wrong = [
    dag("w", { schedule: "@often" } as never, () => void a()),
    dag("w", {}, () => undefined),
    dag("w", {}, () => {
      const node = a();
      node.after(node);
    }),
  ];
  for (const [place, workflow] of wrong.entries()) {
    try {
      build(workflow);
      expect.unreachable();
    } catch (error) {
      const [, frame] = (error as Error).stack?.split("\n    at ") ?? [];
      expect(frame, String(place)).toContain("build.test.ts");
      expect((error as Error).stack).not.toContain("authoring/build.ts");
    }
  }
});

test("a chain of 20,000 tasks is no reason to overflow", () => {
  const workflow = dag("w", {}, () => {
    let last = a();
    for (let i = 1; i < 20_000; i++) last = a().after(last);
  });
  expect(build(workflow).manifest.tasks).toHaveLength(20_000);
});

test("params have the JSON Schema of the input, or null where there is none", () => {
  const params = (schema: never) => build(dag("w", { params: schema }, () => void a())).manifest.params;
  expect(params(z.object({ n: z.coerce.number().default(1) }) as never)).toMatchObject({
    schema: { type: "object", properties: { n: { default: 1 } } },
  });
  expect(params(z.object({ at: z.date() }) as never)).toEqual({ schema: null });
  expect(
    params({ "~standard": { version: 1, vendor: "mine", validate: (value: unknown) => ({ value }) } } as never),
  ).toEqual({ schema: null });
  expect(() => params({ type: "object" } as never)).toThrow(code("BAD_OPTION"));
});

test("the connections of a file are those of its workflows", () => {
  startDeclarations();
  connection("warehouse");
  const first = dag("first", {}, () => void a());
  connection("orders");
  const second = dag("second", {}, () => void a());
  expect(build(first).manifest.connections).toEqual(["orders", "warehouse"]);
  connection("late");
  expect(build(second).manifest.connections).toEqual(["orders", "warehouse"]);
  startDeclarations();
  expect(build(dag("other_file", {}, () => void a())).manifest.connections).toEqual([]);
});
