import type { BackfillProgress, BackfillState } from "../../core/backfill-state.ts";
import type { BackfillView } from "../../store/store-view.ts";
import type { Output } from "./output.ts";
import { isoText } from "./time-text.ts";

const MARKS = {
  running: ["●", "cyan"],
  paused: ["‖", "yellow"],
  succeeded: ["✓", "green"],
  failed: ["✗", "red"],
  cancelled: ["■", "yellow"],
} as const satisfies Record<BackfillState, readonly [string, Parameters<Output["style"]>[0]]>;

/** `● running`, coloured. */
export function backfillStateText(out: Output, state: BackfillState): string {
  const [mark, style] = MARKS[state];
  return out.style(style, `${mark} ${state}`);
}

const PARTS = [
  ["succeeded", "succeeded"],
  ["failed", "failed"],
  ["cancelled", "cancelled"],
  ["running", "running"],
  ["in_flight", "in flight"],
  ["skipped", "skipped"],
  ["todo", "to do"],
] as const satisfies readonly (readonly [keyof BackfillProgress, string])[];

/** `31 windows: 12 succeeded, 1 failed, 18 to do` */
export function progressText(progress: BackfillProgress): string {
  const parts = PARTS.flatMap(([count, word]) => (progress[count] > 0 ? [`${progress[count]} ${word}`] : []));
  return `${progress.total} window${progress.total === 1 ? "" : "s"}: ${parts.join(", ")}`;
}

export const rangeText = ({ plan: { from, to } }: Pick<BackfillView, "plan">): string =>
  from === to ? from : `${from} … ${to}`;

export const backfillDocument = ({
  id,
  workflow,
  plan: { schedule, from, to, order, reprocess, version, within, partitions },
  maxActiveRuns,
  state,
  progress: { total, ...counts },
  skipped,
  createdAt,
  createdBy,
  endedAt,
}: BackfillView): object => ({
  id,
  workflow,
  schedule: schedule.name,
  ...(within === undefined && partitions === undefined ? { from, to } : { partitions: { from, to } }),
  order,
  reprocess,
  version,
  maxActiveRuns,
  state,
  total,
  counts,
  reasons: skipped,
  createdAt: isoText(createdAt),
  createdBy,
  endedAt: isoText(endedAt),
});
