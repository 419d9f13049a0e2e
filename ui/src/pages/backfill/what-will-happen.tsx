import { useQuery } from "@tanstack/react-query";
import type { BackfillPreview } from "../../api/backfills.ts";
import { gridQuery, type WorkflowDetail } from "../../api/workflows.ts";
import { lengthOf } from "../../words/run-length.ts";
import { count, figure } from "../../words/count-text.ts";
import { durationText } from "../../words/duration-text.ts";
import { usualOf } from "../../words/usual.ts";

interface WhatWillHappenProps {
  readonly workflow: WorkflowDetail;
  readonly preview: BackfillPreview | undefined;
  readonly atOnce: number;
}

const RUNS = 50;

/** The plan as a sentence: how many runs, about how long, and what is left alone and why. */
export function WhatWillHappen({ workflow, preview, atOnce }: WhatWillHappenProps) {
  const { data: grid } = useQuery(gridQuery(workflow.name, RUNS));
  if (preview === undefined) return <p className="dim">…</p>;
  const usual = usualOf((grid?.runs ?? []).filter(({ state }) => state === "succeeded").map((run) => lengthOf(run, 0)));
  const left = Object.entries(preview.reasons).filter(([, n]) => n > 0);
  return (
    <p>
      <b>{count(preview.run, "run")}</b>, {count(preview.run * workflow.tasks, "task run")} or more
      {usual !== null && preview.run > 0 && (
        <>
          , about <b>{durationText(Math.ceil(preview.run / atOnce) * usual.median)}</b>
        </>
      )}
      .
      {preview.skip > 0 &&
        ` ${count(preview.skip, "window")} ${preview.skip === 1 ? "stays" : "stay"} as ${preview.skip === 1 ? "it is" : "they are"}`}
      {preview.skip > 0 &&
        left.length > 0 &&
        `: ${left.map(([reason, n]) => `${figure(n)} ${reason.replaceAll("_", " ")}`).join(", ")}`}
      {preview.skip > 0 && "."} Scheduled runs go first.
    </p>
  );
}
