/** One line of a drawing: the lines that pass, and on some of them a node. */
export interface LaneRow {
  readonly lanes: string;
  /** `null`: only lines turn here. */
  readonly node: number | null;
}

/** Wider drawings than this are not read any more. */
const MAX_LANES = 20;

/**
 * Draws a graph with one node a line, as version control shows history: each line leads to one node that is still to come.
 * `order`: every node after all that it comes from. `null`: it would be too wide.
 */
export function drawLanes(order: readonly number[], downstream: (node: number) => readonly number[]): LaneRow[] | null {
  const rows: LaneRow[] = [];
  /** By column: the node that the line there leads to. */
  const lanes: (number | null)[] = [];
  for (const node of order) {
    let at = lanes.indexOf(node);
    if (at === -1) at = take(lanes, node);
    rows.push({ node, lanes: row(lanes.map((lane, column) => (column === at ? "●" : lane === null ? " " : "│"))) });
    const before = lanes.map((lane) => lane !== null);
    lanes[at] = null;
    const ends = [...new Set(downstream(node))].map((target) => columnOf(lanes, target, at));
    if (lanes.length > MAX_LANES) return null;
    if (ends.some((end) => end !== at)) rows.push({ node: null, lanes: turns(at, ends, before, lanes) });
    while (lanes.at(-1) === null) lanes.pop();
  }
  return rows;
}

/** The first free column, not left of `from`. */
function take(lanes: (number | null)[], node: number, from = 0): number {
  const free = lanes.findIndex((lane, column) => lane === null && column >= from);
  const at = free === -1 ? Math.max(lanes.length, from) : free;
  lanes[at] = node;
  return at;
}

function columnOf(lanes: (number | null)[], target: number, from: number): number {
  const known = lanes.indexOf(target);
  return known === -1 ? take(lanes, target, from) : known;
}

const row = (cells: readonly string[]): string => cells.join(" ").trimEnd();

/** By lines up, down, left and right, as bits 1, 2, 4 and 8. */
const CORNERS = " │││─╯╮┤─╰╭├─┴┬┼";

function turns(
  at: number,
  ends: readonly number[],
  before: readonly boolean[],
  after: readonly (number | null)[],
): string {
  const [first, last] = [Math.min(at, ...ends), Math.max(at, ...ends)];
  const width = Math.max(before.length, after.length, last + 1);
  let text = "";
  for (let column = 0; column < width; column++) {
    const up = before[column] ? 1 : 0;
    const down = (after[column] ?? null) === null ? 0 : 2;
    const left = column > first && column <= last ? 4 : 0;
    const right = column >= first && column < last ? 8 : 0;
    text += CORNERS[up | down | left | right] + (right ? "─" : " ");
  }
  return text.trimEnd();
}
