import fc from "fast-check";
import { expect, test } from "vitest";
import { outputs } from "../core/source.ts";
import type { TaskManifest } from "../core/manifest.ts";
import { build } from "./build.ts";
import { chain } from "./chain.ts";
import { dag } from "./dag.ts";
import { group } from "./group.ts";
import { task } from "./task.ts";

const step = task("step", async (input: any) => input);

/** For each task: of the tasks before it, those it reads and those it only follows; and the level of its group. */
const plan = fc.array(
  fc.record({
    data: fc.array(fc.nat(), { maxLength: 4 }),
    order: fc.array(fc.nat(), { maxLength: 4 }),
    grouped: fc.boolean(),
    wrapped: fc.boolean(),
    by: fc.constantFrom("after", "before", "chain"),
  }),
  {
    minLength: 1,
    maxLength: 30,
  },
);

test("a random graph placed by code has the same edges in its manifest", () => {
  fc.assert(
    fc.property(plan, (tasks) => {
      const wanted = tasks.map(({ data, order }, place) => ({
        data: earlier(data, place),
        order: earlier(order, place),
      }));
      const { manifest } = build(
        dag("random", {}, () => {
          const nodes: any[] = [];
          tasks.forEach(({ grouped, wrapped, by }, place) => {
            const { data, order } = wanted[place] as { data: number[]; order: number[] };
            const refs = data.map((from) => (wrapped ? { deep: [nodes[from].field] } : nodes[from]));
            const put = () => step({ refs, constant: place });
            const node: any = grouped ? group(`g${place}`, put).out : put();
            const upstream = order.map((from) => nodes[from]);
            if (by === "after") node.after(...upstream);
            else if (by === "before") for (const one of upstream) one.before([node]);
            else if (upstream.length > 0) chain(upstream, node);
            nodes.push(node);
          });
        }),
      );
      expect(manifest.tasks.map(edgesOf)).toEqual(wanted);
      expect(new Set(manifest.tasks.map(({ name }) => name)).size).toBe(tasks.length);
      expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest);
    }),
  );
});

test("one edge back makes a random chain a cycle, and the error names exactly the tasks on it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(), fc.nat(), (length, x, y) => {
      const [low, high] = [x % length, y % length].sort((a, b) => a - b) as [number, number];
      const workflow = dag("looped", {}, () => {
        const nodes = Array.from({ length }, (_, place) => step.as(`t${place}`)({}));
        chain(...nodes);
        nodes[low]?.after(nodes[high] as never);
      });
      const names = Array.from({ length: high - low + 1 }, (_, place) => `t${low + place}`);
      expect(() => build(workflow)).toThrow(`: ${[...names, names[0]].join(" -> ")}. `);
    }),
  );
});

const earlier = (places: readonly number[], before: number): number[] =>
  before === 0 ? [] : [...new Set(places.map((place) => place % before))].sort((a, b) => a - b);

const edgesOf = ({ input, after }: TaskManifest) => ({
  data: [...new Set(input ? outputs(input) : [])].sort((a, b) => a - b),
  order: [...after],
});
