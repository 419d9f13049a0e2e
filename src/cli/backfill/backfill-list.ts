import type { AnyConfig } from "../../owner/any-place.ts";
import type { BackfillView } from "../../store/store-view.ts";
import type { CommandContext } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { backfillDocument, backfillStateText, progressText, rangeText } from "../output/backfill-text.ts";
import { printTable } from "../output/table.ts";
import { timeText } from "../output/time-text.ts";
import { viewing } from "../reading.ts";

const MOST = 1_000;

export async function listBackfills(
  config: AnyConfig,
  workflow: string | undefined,
  { out }: CommandContext,
  json: boolean,
): Promise<number> {
  const found = await listed(config, workflow);
  if (json) out.json(found.map(backfillDocument));
  else if (found.length === 0) out.line("No backfills. Ask for one with: tutti backfill <workflow> --from … --to …");
  else
    printTable(out, found, [
      { head: "backfill", cell: ({ id }) => id },
      { head: "workflow", cell: (each) => each.workflow },
      { head: "windows", cell: rangeText },
      { head: "state", cell: ({ state }) => backfillStateText(out, state) },
      { head: "created", cell: ({ createdAt }) => timeText(createdAt) },
      { head: "progress", cell: ({ progress }) => progressText(progress) },
    ]);
  return STATUS.succeeded;
}

export async function showBackfill(
  config: AnyConfig,
  prefix: string,
  { out }: CommandContext,
  json: boolean,
): Promise<number> {
  const record = await viewing(config, (reader) => reader.findBackfill(prefix));
  if (json) {
    out.json({ backfill: backfillDocument(record) });
    return STATUS.succeeded;
  }
  const { plan, maxActiveRuns, createdAt, createdBy, endedAt, skipped } = record;
  out.line(`${out.style("bold", record.workflow)} ${rangeText(record)}  ${out.style("dim", record.id)}`);
  out.line(`${backfillStateText(out, record.state)}  ${progressText(record.progress)}`);
  out.line(
    `schedule "${plan.schedule.name}", ${plan.order} first, reprocess ${plan.reprocess}, version ${plan.version}, at most ${maxActiveRuns} at once`,
  );
  const reasons = Object.entries(skipped).map(([reason, count]) => `${count} ${reason}`);
  if (reasons.length > 0) out.line(`left alone: ${reasons.join(", ")}`);
  out.line(
    `asked for by ${createdBy} at ${timeText(createdAt)}${endedAt === null ? "" : `, ended ${timeText(endedAt)}`}`,
  );
  return STATUS.succeeded;
}

/** A project in which nothing has run yet has no backfills, and no store. */
async function listed(config: AnyConfig, workflow: string | undefined): Promise<readonly BackfillView[]> {
  try {
    const query = { limit: MOST, ...(workflow !== undefined && { workflow }) };
    return await viewing(config, (reader) => reader.listBackfills(query));
  } catch (error) {
    if ((error as { code?: string }).code === "STORE_NOT_FOUND" && config.store.kind === "sqlite") return [];
    throw error;
  }
}
