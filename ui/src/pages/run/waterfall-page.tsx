import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { progressOf } from "../../api/progress.ts";
import { useNow } from "../../components/now.ts";
import { Waterfall } from "../../components/waterfall/waterfall.tsx";
import type { RunSearch } from "../../routes/search.ts";
import { waterfallOf } from "../../waterfall/rows.ts";
import { asItWas } from "../../waterfall/as-it-was.ts";
import { Inspector } from "./inspector.tsx";
import { RunFrame } from "./run-frame.tsx";
import { RunLog } from "./run-log.tsx";
import { Scrubber } from "./scrubber.tsx";
import { selectedRow, searchOfRow } from "./selection.ts";
import { useProgress } from "./use-progress.ts";
import { isOver, type ShownRun } from "./use-run.ts";
import "../../styles/run.css";

const route = getRouteApi("/runs/$run");

/** Where did the time go? */
export function WaterfallPage() {
  const { run } = route.useParams();
  return (
    <RunFrame id={run} tab="/runs/$run">
      {(shown) => <WaterfallSide {...shown} />}
    </RunFrame>
  );
}

function WaterfallSide(shown: ShownRun) {
  const { run, graph } = shown;
  const search = route.useSearch();
  const navigate = useNavigate();
  const isLive = !isOver(run) && search.at === undefined;
  const now = useNow(isLive);
  const progress = useProgress(run.id, isLive);
  const set = useCallback(
    (change: Partial<RunSearch>) =>
      void navigate({
        to: "/runs/$run",
        params: { run: run.id },
        search: (before) => ({ ...before, ...change }),
        replace: true,
        resetScroll: false,
      }),
    [navigate, run.id],
  );
  const { taskRuns, attempts } = useMemo(
    () => (search.at === undefined ? shown : asItWas(shown, search.at)),
    [shown.taskRuns, shown.attempts, search.at],
  );
  const open = useMemo(() => new Set((search.open ?? "").split(",").filter((key) => key !== "")), [search.open]);
  const at = search.at;
  const drawn = useMemo(
    () => waterfallOf({ run, graph, taskRuns, attempts, open, now }),
    [run, graph, taskRuns, attempts, open, now],
  );
  const selected = selectedRow(drawn.rows, search) ?? defaultRow(shown, drawn.rows, search);
  const fold = useCallback(
    (key: string) =>
      set({ open: (open.has(key) ? [...open].filter((each) => each !== key) : [...open, key]).join(",") || undefined }),
    [open, set],
  );
  const select = useCallback(
    (key: string | null) =>
      set({ ...searchOfRow(key === null ? undefined : drawn.rows.find((row) => row.key === key)), line: undefined }),
    [drawn, set],
  );
  return (
    <div className="halves">
      <div className="split runsplit">
        <div>
          <Waterfall
            drawn={drawn}
            selected={selected?.key ?? null}
            onSelect={select}
            onFold={fold}
            at={at}
            progress={progress}
          />
          <Scrubber
            shown={shown}
            begin={drawn.begin}
            end={drawn.end}
            at={at}
            onMove={(moment) => set({ at: moment })}
          />
        </div>
        <Inspector run={run} row={selected} progress={progressOf(progress, selected?.taskRun ?? null)} />
      </div>
      <RunLog run={run} row={selected} search={search} onChange={set} />
    </div>
  );
}

/** Of a failed run, its cause: whoever opens the page sees it without a press. */
function defaultRow({ rootCause }: ShownRun, rows: ReturnType<typeof waterfallOf>["rows"], search: RunSearch) {
  if (rootCause === null || search.scope !== undefined) return undefined;
  return (
    rows.find(({ taskRun, kind }) => kind !== "attempt" && taskRun?.id === rootCause.id) ??
    rows.find(({ task }) => task === rootCause.task)
  );
}
