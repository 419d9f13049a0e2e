import { systemClock } from "../../core/clock.ts";
import { parseDuration } from "../../core/duration.ts";
import { runIdFrom } from "../../core/run-id.ts";
import { loadConfig } from "../../loader/config.ts";
import { asUser } from "../as-user.ts";
import { openSession } from "../../owner/open-session.ts";
import type { StoreReader } from "../../store/reader.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { plural } from "../output/counts-text.ts";
import { timeText } from "../output/time-text.ts";
import { reading } from "../reading.ts";

const PAGE = 500;

export const prune = defineCommand({
  name: "prune",
  description: "Remove old ended runs with their logs and artifacts, and versions that nothing refers to",
  args: {
    "older-than": {
      type: "string",
      description: "How long ago a run ended (default: retention.runs of the configuration, 90d)",
      valueHint: "90d",
    },
    "dry-run": { type: "boolean", description: "Only say what would go" },
    json: JSON_ARG,
  },
  examples: [
    ["tutti prune --older-than 30d --dry-run", "what would go"],
    ["tutti prune --older-than 30d", "it goes; unfinished runs stay whatever their age"],
  ],
  async run(args, { cwd, typed, out }) {
    const config = await loadConfig({ cwd });
    const ageMs = args["older-than"] === undefined ? config.retention.runs : parseDuration(args["older-than"]);
    if (ageMs === null) {
      out.note(`The configuration keeps runs for ever. Say how old they must be: tutti prune --older-than 90d`);
      return STATUS.succeeded;
    }
    const before = systemClock.now() - ageMs * 1000;
    const old = await reading(config, (reader) => countOld(reader, before));
    if (args["dry-run"]) {
      if (args.json) out.json({ dryRun: true, endedBefore: new Date(before / 1000).toISOString(), runs: old });
      else out.line(`${plural(old, "run")} that ended before ${timeText(before)} would go.`);
      return STATUS.succeeded;
    }
    const session = await openSession({ ...asUser(typed, out), config, serves: false });
    try {
      const { runs, versions, logs, artifacts } = await session.prune(before);
      if (args.json)
        out.json({
          dryRun: false,
          endedBefore: new Date(before / 1000).toISOString(),
          runs,
          versions,
          logs,
          artifacts,
        });
      else
        out.line(
          `Removed ${plural(runs, "run")} and ${plural(versions, "version")}; logs of ${logs} and artifacts of ${artifacts} other runs.`,
        );
    } finally {
      await session.close(0);
    }
    return STATUS.succeeded;
  },
});

/** Only runs that began before a moment can have ended before it, and ids are in the order of time. */
async function countOld(reader: StoreReader, endedBefore: number): Promise<number> {
  let count = 0;
  let before = runIdFrom(endedBefore, new Uint8Array(10));
  for (;;) {
    const page = await reader.listRuns({ states: ["succeeded", "failed", "cancelled"], limit: PAGE, before });
    count += page.filter(({ endedAt }) => endedAt !== null && endedAt < endedBefore).length;
    if (page.length < PAGE) return count;
    before = page.at(-1)!.id;
  }
}
