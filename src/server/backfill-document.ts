import type { Static } from "typebox";
import type { Backfill } from "../api/backfill-contracts.ts";
import { momentOrNull, momentText } from "../core/moment-text.ts";
import type { BackfillRecord } from "../store/backfills.ts";

/** A backfill as the API shows it. */
export function backfillDocument(record: BackfillRecord): Static<typeof Backfill> {
  const { schedule, from, to, order, reprocess, version, within, partitions } = record.plan;
  const { total, ...counts } = record.progress;
  const byDate = within === undefined && partitions === undefined;
  return {
    id: record.id,
    workflow: record.workflow,
    schedule: schedule.name,
    from: byDate ? from : null,
    to: byDate ? to : null,
    partitions: byDate ? null : { from, to },
    order,
    reprocess,
    version,
    maxActiveRuns: record.maxActiveRuns,
    state: record.state,
    total,
    counts,
    reasons: record.skipped,
    createdAt: momentText(record.createdAt),
    createdBy: record.createdBy,
    endedAt: momentOrNull(record.endedAt),
  };
}
