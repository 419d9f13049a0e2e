import { type KeyboardEvent, useId } from "react";
import type { Placed } from "../../graph/layout.ts";
import type { ShownGraph } from "../../graph/shown-graph.ts";

interface GraphTreeProps {
  readonly shown: ShownGraph;
  readonly placed: Placed | null;
  readonly selected: string | null;
  readonly onSelect: (name: string) => void;
  /** What its nodes are. */
  readonly of: string;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** More would take longer to make than to draw; the selected one is always told. */
const MOST = 500;

/** The graph in words: what the canvas shows, in the order of its columns. It has the focus. */
export function GraphTree({ shown, placed, selected, onSelect, of, onKeyDown }: GraphTreeProps) {
  const id = useId();
  const nodes = (placed?.nodes ?? [])
    .toSorted((a, b) => a.x - b.x || a.y - b.y)
    .map(({ kind, id: place }) => (kind === "task" ? shown.tasks[place]! : shown.groups[place]!));
  const told = nodes.length <= MOST ? nodes : nodes.filter(({ name }, at) => at < MOST || name === selected);
  const at = told.findIndex(({ name }) => name === selected);
  return (
    <ul
      className="tree"
      role="listbox"
      aria-label={`Graph of ${nodes.length} ${of}; arrows go along its edges`}
      aria-activedescendant={at === -1 ? undefined : `${id}-${at}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      {told.map(({ name, state, note, figure }, place) => (
        <li
          key={name}
          id={`${id}-${place}`}
          role="option"
          aria-selected={name === selected}
          onClick={() => onSelect(name)}
        >
          {[name, state, note, figure].filter((word) => word !== null && word !== "").join(", ")}
        </li>
      ))}
    </ul>
  );
}
