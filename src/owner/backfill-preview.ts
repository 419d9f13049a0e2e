import {
  type BackfillJudgement,
  type BackfillPlan,
  type BackfillWindow,
  backfillWindows,
  coveredBy,
  judgeWindow,
} from "../core/backfill.ts";
import type { Instant } from "../core/clock.ts";
import { windowKey } from "../core/schedule-cursor.ts";
import type { RunWindow } from "../core/window.ts";
import { localOf } from "../engine/backfill/known-backfill.ts";
import type { StoreReader } from "../store/reader.ts";
import type { WindowRecord } from "../store/schedules.ts";

const AT_ONCE = 1_000;
/** Windows of an older rule may begin at the same time. */
const MORE = 4;

export interface PreviewedWindow extends BackfillJudgement {
  readonly window: RunWindow;
}

/** What a backfill would do with each window if it reached it now, in its order. Reads, and writes nothing. `reader`: `null` where there is no store yet. */
export async function* previewBackfill(
  reader: Pick<StoreReader, "listWindows"> | null,
  workflow: string,
  plan: BackfillPlan,
  now: Instant,
): AsyncGenerator<PreviewedWindow> {
  let batch: BackfillWindow[] = [];
  for (const window of backfillWindows(plan)) {
    batch.push(window);
    if (batch.length < AT_ONCE) continue;
    yield* judged(reader, workflow, plan, batch, now);
    batch = [];
  }
  if (batch.length > 0) yield* judged(reader, workflow, plan, batch, now);
}

async function* judged(
  reader: Pick<StoreReader, "listWindows"> | null,
  workflow: string,
  { schedule, reprocess }: BackfillPlan,
  windows: readonly BackfillWindow[],
  now: Instant,
): AsyncGenerator<PreviewedWindow> {
  const starts = windows.map(({ start }) => start);
  const query = { workflow, schedule: schedule.name, from: Math.min(...starts), to: Math.max(...starts) };
  const keys = windows.flatMap(({ partition }) => (partition === undefined ? [] : [partition.key]));
  const rows =
    (await reader?.listWindows({ ...query, ...(keys.length > 0 && { partitions: keys }), limit: AT_ONCE * MORE })) ??
    [];
  const byKey = new Map(rows.map((row) => [windowKey(schedule.name, row), row]));
  for (const window of windows) {
    const row = byKey.get(windowKey(schedule.name, localOf(window)));
    const judgement = judgeWindow(window, foundIn(row), reprocess, now);
    yield { window: coveredBy(window, now), ...judgement };
  }
}

const foundIn = (row: WindowRecord | undefined) => ({
  row: row ?? null,
  unfinished: row?.state === "run" && row.lastOutcome === null,
});
