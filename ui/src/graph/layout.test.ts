import fc from "fast-check";
import { expect, test } from "vitest";
import { type GraphToDraw, layOutGraph } from "./layout.ts";

const graphs = fc
  .record({
    tasks: fc.integer({ min: 1, max: 40 }),
    groups: fc.integer({ min: 0, max: 5 }),
    seed: fc.array(fc.nat(1000), { minLength: 200, maxLength: 200 }),
  })
  .map(({ tasks, groups, seed }): GraphToDraw => {
    let at = 0;
    const next = (below: number): number => (below <= 0 ? 0 : seed[at++ % seed.length]! % below);
    return {
      tasks: Array.from({ length: tasks }, () => ({
        width: 100 + next(100),
        group: groups > 0 && next(2) === 0 ? next(groups) : null,
      })),
      groups: Array.from({ length: groups }, (_, id) => ({
        width: 120,
        parent: id > 0 && next(3) === 0 ? next(id) : null,
        folded: next(3) === 0,
      })),
      edges: Array.from({ length: Math.floor(tasks * 1.5) }, () => [next(tasks), next(tasks)] as const).filter(
        ([from, to]) => from < to,
      ),
    };
  })
  // A group that a way leads out of and back into is a circle of boxes, which the engine knows nothing of; it is drawn, but not from left to right.
  .filter((graph) => graph.groups.length === 0 || graph.edges.length > 0);

test("nodes never overlap, and every edge leads to the right, where there are no groups", () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const flat = { ...graph, groups: [], tasks: graph.tasks.map(({ width }) => ({ width, group: null })) };
      const { nodes, ways } = layOutGraph(flat);
      expect(nodes).toHaveLength(flat.tasks.length);
      for (const [i, a] of nodes.entries())
        for (const b of nodes.slice(i + 1)) {
          const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || Math.abs(a.y - b.y) >= 40;
          expect(apart, `${JSON.stringify(a)} ${JSON.stringify(b)}`).toBe(true);
        }
      for (const { points } of ways)
        for (let at = 1; at < points.length; at++) expect(points[at]!.x).toBeGreaterThanOrEqual(points[at - 1]!.x);
    }),
  );
});

test("a group that is open holds its tasks, and no other", () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const { nodes, groups } = layOutGraph(graph);
      const isIn = (group: number | null, wanted: number): boolean =>
        group !== null && (group === wanted || isIn(graph.groups[group]!.parent, wanted));
      for (const { id, x, y, width, height } of groups)
        for (const node of nodes) {
          const own = node.kind === "task" ? graph.tasks[node.id]!.group : graph.groups[node.id]!.parent;
          const inside = node.x >= x && node.x + node.width <= x + width && node.y >= y && node.y <= y + height;
          expect(inside, `${node.kind} ${node.id} and group ${id}`).toBe(isIn(own, id));
        }
    }),
  );
});

test("the same graph is drawn the same way, and a task at its end moves nothing before it", () => {
  const graph: GraphToDraw = {
    tasks: Array.from({ length: 6 }, () => ({ width: 120, group: null })),
    groups: [],
    edges: [
      [0, 1],
      [0, 2],
      [1, 3],
      [2, 3],
      [3, 4],
      [3, 5],
    ],
  };
  expect(layOutGraph(graph)).toEqual(layOutGraph(graph));
  const more = layOutGraph({
    ...graph,
    tasks: [...graph.tasks, { width: 120, group: null }],
    edges: [...graph.edges, [5, 6]],
  });
  expect(more.nodes.slice(0, 4)).toEqual(layOutGraph(graph).nodes.slice(0, 4));
});

test("a ladder is drawn without a crossing", () => {
  const rungs = 6;
  const edges = Array.from(
    { length: rungs },
    (_, rung) =>
      [
        [0, 1 + rung],
        [1 + rung, 1 + rungs + ((rung * 5) % rungs)],
      ] as const,
  ).flat();
  const { ways } = layOutGraph({
    tasks: Array.from({ length: 1 + 2 * rungs }, () => ({ width: 100, group: null })),
    groups: [],
    edges,
  });
  const second = ways.filter(({ from }) => from > 0).map(({ points }) => [points[0]!.y, points.at(-1)!.y] as const);
  for (const [a, b] of second) for (const [c, d] of second) expect((a - c) * (b - d)).toBeGreaterThanOrEqual(0);
});
