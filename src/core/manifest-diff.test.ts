import fc from "fast-check";
import { expect, test } from "vitest";
import { randomManifest } from "../../test/support/random-manifest.ts";
import { branch } from "../authoring/branch.ts";
import { build } from "../authoring/build.ts";
import { dag } from "../authoring/dag.ts";
import { group } from "../authoring/group.ts";
import { task } from "../authoring/task.ts";
import { diffManifests, isSameGraph } from "./manifest-diff.ts";
import type { WorkflowManifest } from "./manifest.ts";

const extract = task("extract", () => [1, 2]);
const load = task("load", ({ rows }: { rows: readonly number[] }) => rows.length);
const audit = task("audit", () => 1);
const one = task("one", () => 1);
const two = task("two", () => 2);
const choose = branch("choose", (): "a" | "b" => "a");

const manifest = (body: () => void, options = {}): WorkflowManifest => build(dag("sales", options, body)).manifest;

const before = manifest(() => {
  load({ rows: extract() });
});

test("a task more is a task and its edges", () => {
  const after = manifest(() => {
    audit().after(load({ rows: extract() }));
  });
  expect(diffManifests(before, after)).toEqual({
    tasks: { added: ["audit"], removed: [], changed: [] },
    edges: { added: [{ from: "load", to: "audit" }], removed: [] },
    groups: [],
    fields: [],
  });
  expect(diffManifests(after, before)).toMatchObject({ tasks: { removed: ["audit"] }, edges: { added: [] } });
});

test("an option is a field of its task, a schedule one of the workflow", () => {
  const after = manifest(
    () => {
      load.with({ retries: 3, timeout: "1m" })({ rows: extract() });
    },
    { schedule: "@daily", tags: ["money"] },
  );
  const { tasks, fields, edges } = diffManifests(before, after);
  expect(tasks.changed).toEqual([{ name: "load", fields: ["retries", "timeoutMs"] }]);
  expect(fields.toSorted()).toEqual(["schedules", "tags"]);
  expect(edges).toEqual({ added: [], removed: [] });
});

test("another order of calls, arms and groups is no difference", () => {
  const first = manifest(() => {
    choose().to({ a: one(), b: two() });
    group("g", () => void load({ rows: extract() }));
  });
  const moved = manifest(() => {
    group("g", () => void load({ rows: extract() }));
    const [b, a] = [two(), one()];
    choose().to({ a, b });
  });
  expect(isSameGraph(diffManifests(first, moved))).toBe(true);
  const swapped = manifest(() => {
    group("g", () => void load({ rows: extract() }));
    choose().to({ a: two(), b: one() });
  });
  expect(diffManifests(first, swapped).tasks.changed).toEqual([{ name: "choose", fields: ["arms"] }]);
});

test("a group that gets retries differs", () => {
  const grouped = (options: object) =>
    manifest(() => {
      group("g", options, () => void load({ rows: extract() }));
    });
  expect(diffManifests(grouped({}), grouped({ retries: 2 })).groups).toEqual([{ name: "g", fields: ["retries"] }]);
});

test("property: a manifest does not differ from itself, nor a diff from its mirror", () => {
  fc.assert(
    fc.property(randomManifest(8), randomManifest(8), (a, b) => {
      expect(isSameGraph(diffManifests(a, a))).toBe(true);
      const [there, back] = [diffManifests(a, b), diffManifests(b, a)];
      expect(back.tasks.added.toSorted()).toEqual(there.tasks.removed.toSorted());
      expect(back.edges.removed.length).toBe(there.edges.added.length);
      expect(back.fields.toSorted()).toEqual(there.fields.toSorted());
    }),
    { numRuns: 100 },
  );
});
