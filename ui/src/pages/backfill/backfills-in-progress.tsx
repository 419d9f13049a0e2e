import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { type Backfill, backfillsQuery } from "../../api/backfills.ts";
import { queryClient } from "../../api/query-client.ts";
import { tutti } from "../../api/tutti.ts";
import { useAct } from "../../components/act.ts";
import { ChooseAllBox, ChooseBox, RowOutcome } from "../../components/bulk/choose-box.tsx";
import { type Rows, useRows } from "../../components/bulk/use-rows.ts";
import { Button } from "../../components/button.tsx";
import { StateWord } from "../../components/mark.tsx";
import { Moment } from "../../components/moment.tsx";
import { count, figure } from "../../words/count-text.ts";
import type { MarkName } from "../../words/state.ts";
import { BackfillBulk } from "./backfill-bulk.tsx";

const SHOWN = 6;

/** Backfills that are at work, then those that were: how far each is, and how it is stopped. */
export function BackfillsInProgress({
  workflow,
  named = false,
}: {
  readonly workflow: string | undefined;
  readonly named?: boolean;
}) {
  const { data = [] } = useQuery(backfillsQuery(workflow));
  const done = data.reduce((sum, { counts }) => sum + counts.succeeded + counts.failed, 0);
  useEffect(() => {
    // What has come to its end is seen in the calendar, too.
    void queryClient.invalidateQueries({ queryKey: ["windows"] });
  }, [done]);
  const sorted = data.toSorted(
    (a, b) => Number(isOver(a)) - Number(isOver(b)) || b.createdAt.localeCompare(a.createdAt),
  );
  const shown = sorted.slice(0, named ? undefined : SHOWN);
  const rows = useRows(
    shown.map(({ id }) => id),
    workflow ?? "",
  );
  if (data.length === 0) return null;
  return (
    <section className="prog" aria-label="Backfills">
      <h2>{sorted.some((each) => !isOver(each)) ? "In progress" : "Backfills"}</h2>
      {rows.mayAct && shown.length > 1 && (
        <label className="choosing">
          <ChooseAllBox rows={rows} of="backfills" /> all {count(shown.length, "backfill")} here
        </label>
      )}
      {shown.map((backfill) => (
        <OneBackfill key={backfill.id} backfill={backfill} named={named} rows={rows} />
      ))}
      <BackfillBulk rows={rows} backfills={shown} />
    </section>
  );
}

const isOver = ({ state }: Backfill): boolean => state !== "running" && state !== "paused";
const MARKS: Readonly<Record<Backfill["state"], MarkName>> = {
  running: "running",
  paused: "deferred",
  succeeded: "succeeded",
  failed: "failed",
  cancelled: "cancelled",
};
const PARTS = ["succeeded", "failed", "cancelled", "running"] as const;

interface OneBackfillProps {
  readonly backfill: Backfill;
  readonly named: boolean;
  readonly rows: Rows;
}

function OneBackfill({ backfill, named, rows }: OneBackfillProps) {
  const {
    id,
    workflow,
    state,
    from,
    to,
    partitions,
    reprocess,
    order,
    maxActiveRuns,
    counts,
    total,
    createdAt,
    createdBy,
  } = backfill;
  const ended = counts.succeeded + counts.failed + counts.cancelled + counts.skipped + counts.in_flight;
  return (
    <div className={rows.chosen.has(id) ? "bf chosen" : "bf"}>
      <div className="bh">
        {rows.mayAct && <ChooseBox rows={rows} id={id} name={`${workflow} ${from ?? partitions?.from ?? ""}`} />}
        <StateWord state={MARKS[state]}>{state}</StateWord>
        <b>
          {named && (
            <Link to="/workflows/$workflow/backfills" params={{ workflow }}>
              {workflow}{" "}
            </Link>
          )}
          {from !== null ? `${from} to ${to ?? ""}` : `${partitions?.from ?? ""} to ${partitions?.to ?? ""}`}
        </b>
        <span className="dim">
          {reprocess === "none" ? "missing" : reprocess === "failed" ? "missing and failed" : "all"}, {order} first,{" "}
          {maxActiveRuns} at once, by {createdBy.replace("local:", "")} since <Moment at={createdAt} />
        </span>
        {!isOver(backfill) && <Turns id={id} state={state} left={counts.todo + counts.running} />}
      </div>
      <div className="pb" role="img" aria-label={`${ended} of ${total} windows done`}>
        {PARTS.filter((part) => counts[part] > 0).map((part) => (
          <i key={part} className={part} style={{ flexGrow: counts[part] }} />
        ))}
        {total - PARTS.reduce((sum, part) => sum + counts[part], 0) > 0 && (
          <i className="rest" style={{ flexGrow: total - PARTS.reduce((sum, part) => sum + counts[part], 0) }} />
        )}
      </div>
      <div className="bn">
        {PARTS.filter((part) => counts[part] > 0).map((part) => (
          <StateWord key={part} state={part}>
            {figure(counts[part])} {part}
          </StateWord>
        ))}
        {counts.skipped + counts.in_flight > 0 && (
          <span className="dim">{figure(counts.skipped + counts.in_flight)} left as they were</span>
        )}
        <span className="r">
          {figure(ended)} of {count(total, "window")} done
        </span>
      </div>
      <RowOutcome rows={rows} id={id} />
    </div>
  );
}

function Turns({ id, state, left }: { readonly id: string; readonly state: Backfill["state"]; readonly left: number }) {
  const refresh = (): void => void queryClient.invalidateQueries({ queryKey: ["backfills"] });
  const turn = state === "paused" ? "resume" : "pause";
  const pause = useAct({
    needs: "operator",
    act: () => tutti().post(`/api/backfills/{backfill}/${turn}`, { params: { backfill: id } }),
    after: refresh,
  });
  const cancel = useAct({
    needs: "operator",
    act: () => tutti().post("/api/backfills/{backfill}/cancel", { params: { backfill: id } }),
    say: () => `The backfill ends; ${count(left, "window")} of it ${left === 1 ? "does" : "do"} not run.`,
    after: refresh,
  });
  return (
    <span className="acts">
      <Button small busy={pause.busy} refusal={pause.refusal} onPress={pause.run}>
        {turn === "pause" ? "Pause" : "Resume"}
      </Button>
      <Button small busy={cancel.busy} refusal={cancel.refusal} onPress={cancel.run}>
        Cancel
      </Button>
    </span>
  );
}
