import type { WorkflowManifest } from "../../../src/core/manifest.ts";
import type { Grid } from "../api/workflows.ts";
import { type State, worstOf } from "../words/state.ts";

/** A line of the grid: a task, or a group with the tasks in it. */
export interface GridRow {
  readonly key: string;
  readonly kind: "task" | "group";
  readonly label: string;
  readonly depth: number;
  /** Of a group: whether its tasks are shown. */
  readonly open: boolean;
  readonly note: string;
  /** The tasks it stands for, by their column in the grid's answer. */
  readonly columns: readonly number[];
}

/** The lines of a grid, in the order of the graph; tasks of a group stand together under it. */
export function gridRowsOf(
  grid: Pick<Grid, "tasks">,
  manifest: WorkflowManifest,
  folded: ReadonlySet<string>,
): GridRow[] {
  const columnOf = new Map(grid.tasks.map((name, column) => [name, column]));
  const rows: GridRow[] = [];
  const done = new Set<number>();
  const add = (inside: number | null, depth: number): void => {
    manifest.tasks.forEach(({ name, group, map }) => {
      const chain = chainOf(group, manifest);
      if (inside !== null && !chain.includes(inside)) return;
      const next = inside === null ? chain[0] : chain[chain.indexOf(inside) + 1];
      if (next !== undefined) {
        if (!done.has(next)) addGroup(next, depth);
        return;
      }
      const column = columnOf.get(name);
      if (column !== undefined)
        rows.push({
          key: name,
          kind: "task",
          label: name,
          depth,
          open: false,
          note: map === null ? "" : "mapped",
          columns: [column],
        });
    });
  };
  const addGroup = (group: number, depth: number): void => {
    done.add(group);
    const { name, each } = manifest.groups[group]!;
    const columns = manifest.tasks.flatMap((task) => {
      const column = columnOf.get(task.name);
      return column !== undefined && chainOf(task.group, manifest).includes(group) ? [column] : [];
    });
    const open = !folded.has(name);
    rows.push({
      key: `group ${name}`,
      kind: "group",
      label: name,
      depth,
      open,
      note: each === null ? String(columns.length) : `${columns.length} each`,
      columns,
    });
    if (open) add(group, depth + 1);
  };
  add(null, 0);
  const known = new Set(manifest.tasks.map(({ name }) => name));
  // Of older versions: at the end.
  grid.tasks.forEach((name, column) => {
    if (!known.has(name))
      rows.push({ key: name, kind: "task", label: name, depth: 0, open: false, note: "gone", columns: [column] });
  });
  return rows;
}

/** The groups around something, the outermost first. */
function chainOf(group: number | null, { groups }: WorkflowManifest): number[] {
  const chain: number[] = [];
  for (let at = group; at !== null; at = groups[at]!.parent) chain.unshift(at);
  return chain;
}

/** What a line shows of a run; `null`: nothing has been there. */
export function cellOf({ columns }: GridRow, cells: string, states: Readonly<Record<string, string>>): State | null {
  const found = columns.flatMap((column) => {
    const letter = cells[column];
    return letter === undefined || letter === "." ? [] : [states[letter] as State];
  });
  return found.length === 0 ? null : found.length === 1 ? found[0]! : worstOf(found);
}
