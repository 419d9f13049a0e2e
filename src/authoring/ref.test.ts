import { inspect } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";
import { build } from "./build.ts";
import { dag } from "./dag.ts";
import { pick } from "./pick.ts";
import { refState } from "./ref.ts";
import { task } from "./task.ts";

const extract = task("extract", async () => ({
  rows: [{ n: 1 }],
  day: "2025-08-12",
  n: 1,
  flag: true,
  after: "a field",
  deep: { list: [1] },
}));
const use = task("use", async (input: any) => input);
const double = task("double", async ({ n }: { n: number }) => n * 2);

const uses: readonly [use: string, (node: any) => unknown][] = [
  ["a template string", (node) => `${node.day}`],
  ["concatenation", (node) => "on " + node.day],
  ["arithmetic", (node) => node.n * 2],
  ["a comparison", (node) => node.n > 3],
  // oxlint-disable-next-line eqeqeq -- It is what is tested.
  ["a loose comparison", (node) => node.n == 3],
  [
    "for…of",
    (node) => {
      for (const row of node.rows) return row;
    },
  ],
  [
    "for…in",
    (node) => {
      for (const key in node.rows) return key;
    },
  ],
  ["a spread into a list", (node) => [...node.rows]],
  ["a spread into an object", (node) => ({ ...node.deep })],
  [
    "destructuring as a list",
    (node) => {
      const [first] = node.rows;
      return first;
    },
  ],
  ["JSON", (node) => JSON.stringify({ node: node.deep })],
  ["Object.keys", (node) => Object.keys(node)],
  ["Object.entries", (node) => Object.entries(node.deep)],
  ["in", (node) => "rows" in node],
  ["Object.hasOwn", (node) => Object.hasOwn(node, "rows")],
  ["a call", (node) => node.rows.map((row: unknown) => row)],
  ["toString", (node) => node.day.toString()],
  ["Number", (node) => Number(node.n)],
  ["an index", (node) => ["a", "b"][node.n]],
  [
    "assignment",
    (node) => {
      node.day = "x";
    },
  ],
  [
    "delete",
    (node) => {
      delete node.day;
    },
  ],
  ["Date", (node) => new Date(node.day)],
  ["then", (node) => node.then(() => 1)],
];

test.each(uses)("a ref used as its value by %s is refused", (_, misuse) => {
  const workflow = dag("retail", {}, () => void misuse(extract()));
  expect(() => build(workflow)).toThrow(expect.objectContaining({ code: "REF_USED_AS_VALUE" }));
});

test("await of a ref is refused", async () => {
  let awaited: Promise<unknown> = Promise.resolve();
  build(
    dag("retail", {}, () => {
      const node: any = extract();
      awaited = (async () => await node)();
      awaited.catch(() => undefined);
    }),
  );
  await expect(awaited).rejects.toMatchObject({ code: "REF_USED_AS_VALUE" });
});

test("the refusal names the path, the workflow, and what to do", () => {
  const workflow = dag("retail", {}, () => void `${(extract() as any).deep.list}`);
  expect(() => build(workflow)).toThrow(
    /^"extract\.deep\.list" in workflow "retail" was used as text.*Pass it to a task.*pick\(/,
  );
});

test("the refusal's stack begins at the user's line", () => {
  const workflow = dag("retail", {}, () => void `on ${extract().day as unknown as string}`);
  try {
    build(workflow);
    expect.unreachable();
  } catch (error) {
    expect((error as Error).stack?.split("\n").find((line) => line.startsWith("    at "))).toContain("ref.test.ts");
  }
});

test("node methods win over output fields, and pick reaches those", () => {
  const { manifest, picks } = build(
    dag("retail", {}, () => {
      const node = extract();
      expect(typeof node.after).toBe("function");
      use({ field: pick(node, (value) => value.after) });
    }),
  );
  expect(manifest.tasks[1]?.input).toEqual({
    kind: "object",
    fields: { field: { kind: "pick", of: { kind: "output", task: 0, path: [] }, fn: 0 } },
  });
  expect(picks[0]?.({ after: "a field" })).toBe("a field");
});

test("a property of a list of elements' values is refused, with pick as the remedy", () => {
  const workflow = dag("retail", {}, () => {
    const mapped: any = double.map({ n: [1, 2] });
    use({ first: mapped.n });
  });
  expect(() => build(workflow)).toThrow(
    expect.objectContaining({ code: "REF_PATH_ON_LIST", message: expect.stringContaining("pick(ref, (values)") }),
  );
});

test("a param of a workflow that takes none is refused", () => {
  const workflow = dag("retail", {}, ({ params }) => use({ region: (params as any).region }));
  expect(() => build(workflow)).toThrow(expect.objectContaining({ code: "UNKNOWN_PARAM" }));
});

test("a ref prints as what it stands for", () => {
  build(
    dag("retail", { params: z.object({ regions: z.array(z.string()) }) }, ({ params }) => {
      const node: any = extract();
      expect(inspect({ day: node.day, params, odd: node["two words"][0] })).toBe(
        '{\n  day: Ref(extract.day),\n  params: Ref(params),\n  odd: Ref(extract["two words"]["0"])\n}',
      );
    }),
  );
});

test("only refs are refs", () => {
  for (const value of [null, undefined, 1, "x", {}, () => 1, extract]) expect(refState(value)).toBeUndefined();
});
