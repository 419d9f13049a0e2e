import { useMemo } from "react";
import type { AssetGraph } from "../../api/assets.ts";
import { lineageOf, madeFrom } from "../../assets/lineage.ts";
import { GraphCanvas } from "../../components/graph/graph-canvas.tsx";
import { useNow } from "../../components/now.ts";
import { useLayout } from "../../graph/use-layout.ts";

interface LineageCanvasProps {
  readonly graph: AssetGraph;
  readonly selected: string | null;
  readonly find?: string;
  /** Only what is so many steps from the selected one. */
  readonly steps?: number;
  readonly onSelect: (name: string | null) => void;
  readonly onOpen: (name: string) => void;
}

/** Ages on screen are of whole minutes. */
const MINUTE = 60_000;

/** What is made from what, how old it is on its line, and in thick ink what goes stale with the selected one. */
export function LineageCanvas({ graph, selected, find = "", steps, onSelect, onOpen }: LineageCanvasProps) {
  const now = Math.floor(useNow() / MINUTE) * MINUTE;
  const { shown, edges } = useMemo(
    () => lineageOf(graph, now, steps === undefined || selected === null ? undefined : { name: selected, steps }),
    [graph, now, steps, selected],
  );
  const path = useMemo(
    () => new Set(selected === null ? [] : [selected, ...madeFrom(graph, selected)]),
    [graph, selected],
  );
  const placed = useLayout(shown.toDraw);
  return (
    <div className="lineage">
      <GraphCanvas
        placed={placed}
        shown={shown}
        selected={selected}
        onSelect={onSelect}
        onOpen={onOpen}
        onFold={() => undefined}
        find={find}
        path={path}
        withStates={false}
        of="assets"
        edges={edges}
      />
      <p className="key">
        {(["fresh", "nearly", "late"] as const).map((tone) => (
          <span key={tone} className={`agekey ${tone}`}>
            <i aria-hidden="true" />
            {tone === "fresh"
              ? "age, as part of what its freshness allows"
              : tone === "nearly"
                ? "nearly used up"
                : "late"}
          </span>
        ))}
        <span className="agekey path">
          <i aria-hidden="true" />
          what goes stale with it
        </span>
      </p>
    </div>
  );
}
