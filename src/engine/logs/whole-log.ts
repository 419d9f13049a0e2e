import type { LogLine } from "../../runtime/protocol.ts";
import { parseLine } from "./log-entry.ts";
import type { LineFilter, RunLog } from "./log-source.ts";
import { MergedLines } from "./merged-lines.ts";
import { closeSources, openSources } from "./open-sources.ts";

/** Every line of a run that is wanted, as fast as somebody takes them; `null`: all are. */
export async function* wholeLog(log: RunLog, filter: LineFilter | null): AsyncGenerator<LogLine, void> {
  const sources = await openSources(log);
  const merged = new MergedLines(sources, { wants: filter?.wantsTask ?? null });
  try {
    for (let text = await merged.next(); text !== null; text = await merged.next()) {
      const line = parseLine(text.toString("utf8"), log.runId);
      if (line !== null && filter?.wants(line) !== false) yield line;
    }
  } finally {
    await merged.close();
    await closeSources(sources);
  }
}
