import fc from "fast-check";
import { expect, test } from "vitest";
import { drawLanes } from "./lanes.ts";

const draw = (edges: readonly (readonly number[])[]) =>
  drawLanes(
    edges.map((_, node) => node),
    (node) => edges[node] ?? [],
  )?.map(({ lanes, node }) => (node === null ? lanes : `${lanes} ${node}`));

test("a chain is one line", () => {
  expect(draw([[1], [2], []])).toEqual(["● 0", "● 1", "● 2"]);
});

test("lines part after a task and meet before the next", () => {
  expect(draw([[1, 2], [3], [3], []])).toEqual(["● 0", "├─╮", "● │ 1", "│ ● 2", "├─╯", "● 3"]);
});

test("tasks that have nothing to do with each other have no lines", () => {
  expect(draw([[], [], []])).toEqual(["● 0", "● 1", "● 2"]);
});

test("a drawing that would be too wide is none", () => {
  expect(draw([Array.from({ length: 40 }, (_, i) => i + 1), ...Array.from({ length: 40 }, () => [])])).toBeUndefined();
});

const graphs = fc
  .array(fc.array(fc.nat(100), { maxLength: 3 }), { minLength: 1, maxLength: 10 })
  .map((dice) =>
    dice.map((targets, node) =>
      targets.map((roll) => node + 1 + (roll % (dice.length - node))).filter((target) => target < dice.length),
    ),
  );

test("every task has its row, no line ends in nothing, and none begins there", () => {
  fc.assert(
    fc.property(graphs, (edges) => {
      const rows = drawLanes(
        edges.map((_, node) => node),
        (node) => edges[node]!,
      )!;
      expect(rows.filter(({ node }) => node !== null).map(({ node }) => node)).toEqual(edges.map((_, node) => node));
      for (let at = 1; at < rows.length; at++) {
        const [above, below] = [rows[at - 1]!.lanes, rows[at]!.lanes];
        for (let column = 0; column < Math.max(above.length, below.length); column += 2) {
          const goesDown = "│┤╮╭├┬┼".includes(above[column] ?? " ");
          const comesUp = "│╯┤╰├┴┼".includes(below[column] ?? " ");
          if (goesDown) expect("│╯┤╰├┴┼●").toContain(below[column]);
          if (comesUp) expect("│┤╮╭├┬┼●").toContain(above[column]);
        }
      }
    }),
  );
});
