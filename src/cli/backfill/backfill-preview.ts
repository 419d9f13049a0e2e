import { systemClock } from "../../core/clock.ts";
import { momentText } from "../../core/moment-text.ts";
import type { AnyConfig } from "../../owner/any-place.ts";
import { previewBackfill } from "../../owner/backfill-preview.ts";
import { openView } from "../../owner/open-work.ts";
import type { PreviewedText, StoreView } from "../../store/store-view.ts";
import type { CommandContext } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import type { Output } from "../output/output.ts";
import type { AskedFor } from "./ask-backfill.ts";

/** What the backfill would do with each window if it began now. Writes nothing. */
export async function printPreview(
  config: AnyConfig,
  asked: AskedFor,
  { out }: CommandContext,
  json: boolean,
): Promise<number> {
  const reader = await readerOf(config);
  try {
    const windows = previewed(reader, asked);
    if (json) out.json({ windows: await listOf(windows) });
    else await print(out, windows);
    return STATUS.succeeded;
  } finally {
    await reader?.close();
  }
}

/** What was recorded about partitions a server looks up itself. */
async function* previewed(
  reader: StoreView | null,
  { workflow, plan, asked }: AskedFor,
): AsyncGenerator<PreviewedText> {
  if (plan.partitions !== undefined && reader?.previewBackfill !== undefined) {
    const { order, reprocess } = plan;
    return yield* reader.previewBackfill({ workflow, order, reprocess, partition: asked.partition! });
  }
  const windows = previewBackfill(reader, workflow, plan, systemClock.now());
  for await (const { window, action, reason } of windows)
    yield {
      date: window.date,
      start: momentText(window.start),
      end: momentText(window.end),
      ...(window.partition !== undefined && { partition: window.partition }),
      action,
      reason,
    };
}

async function listOf(windows: AsyncIterable<PreviewedText>): Promise<PreviewedText[]> {
  const found: PreviewedText[] = [];
  for await (const window of windows) found.push(window);
  return found;
}

async function print(out: Output, windows: AsyncIterable<PreviewedText>): Promise<void> {
  const counts = { run: 0, skip: 0 };
  for await (const { date, start, end, partition, action, reason } of windows) {
    counts[action]++;
    const said = action === "run" ? out.style("green", "run ") : out.style("dim", "skip");
    out.line(`${said}  ${partition ?? `${date}  ${start} … ${end}`}  ${reason}`);
  }
  out.line(`${counts.run} to run, ${counts.skip} to leave alone. Nothing was written.`);
}

/** `null`: nothing has run yet, and there is no store. */
async function readerOf(config: AnyConfig): Promise<StoreView | null> {
  try {
    return await openView(config);
  } catch (error) {
    if ((error as { code?: string }).code === "STORE_NOT_FOUND" && config.store.kind === "sqlite") return null;
    throw error;
  }
}
