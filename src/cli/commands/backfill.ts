import { BACKFILL_ACTIONS, type BackfillAction } from "../../core/backfill-state.ts";
import { listBackfills, showBackfill } from "../backfill/backfill-list.ts";
import { printPreview } from "../backfill/backfill-preview.ts";
import { askBackfill } from "../backfill/ask-backfill.ts";
import { createBackfill, turnBackfill } from "../backfill/turn-backfill.ts";
import { configOf } from "../config-of.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { UsageError } from "../usage-error.ts";

/** Words in the place of a workflow. */
const WORDS = [...BACKFILL_ACTIONS, "show", "list"] as const;

export const backfill = defineCommand({
  name: "backfill",
  description: "Run the windows of a schedule from one date to another; pause, resume, cancel, show and list backfills",
  args: {
    target: {
      type: "positional",
      description: `A workflow; or ${WORDS.join(", ")}`,
      required: true,
    },
    id: {
      type: "positional",
      description: "After pause, resume, cancel and show: the id of a backfill; after list: a workflow",
      required: false,
    },
    from: { type: "string", description: "The first window date", valueHint: "YYYY-MM-DD" },
    to: { type: "string", description: "The last one, included", valueHint: "YYYY-MM-DD" },
    partition: {
      type: "string",
      description: "Instead of dates: a partition, several with commas, FIRST..LAST, or * for all",
      valueHint: "key",
    },
    reprocess: {
      type: "string",
      description: "Windows whose run has ended that are run again: none, failed, all (default: none)",
      valueHint: "which",
    },
    order: { type: "string", description: "oldest or newest first (default: oldest)", valueHint: "order" },
    "max-active-runs": { type: "string", description: "Runs of it at work at once (default: 10)", valueHint: "n" },
    schedule: { type: "string", description: "Whose windows (default: the first schedule)", valueHint: "name" },
    version: {
      type: "string",
      description: "The code of runs that are run again: same or latest (default: latest)",
      valueHint: "same|latest",
    },
    "dry-run": { type: "boolean", description: "Only say what would be done with each window" },
    detach: { type: "boolean", description: "Ask for it, and leave it to the process that works on the store" },
    file: { type: "string", description: "Only this pipeline file is loaded", valueHint: "path" },
    json: JSON_ARG,
  },
  examples: [
    ["tutti backfill retail --from 2017-09-01 --to 2017-12-31", "every window that has no run; goes on until all have"],
    ["tutti backfill retail --from 2017-09-01 --to 2017-09-30 --reprocess failed --dry-run", "what that would do"],
    ["tutti backfill retail --partition 2017-09-01..2017-09-07 --order newest", "the windows of some partitions"],
    ["tutti backfill pause 01kb3", "its runs end, and no others begin; also resume, cancel, show"],
    ["tutti backfill list retail", "newest first"],
  ],
  async run(args, context) {
    const config = await configOf(context);
    const json = args.json === true;
    const word = WORDS.find((each) => each === args.target);
    // A workflow may bear such a name: with its windows, it is one.
    if (word !== undefined && args.from === undefined && args.to === undefined && args.partition === undefined) {
      if (word === "list") return listBackfills(config, args.id, context, json);
      if (args.id === undefined)
        throw new UsageError(`Say which: tutti backfill ${word} <id>. tutti backfill list lists them.`);
      if (word === "show") return showBackfill(config, args.id, context, json);
      return turnBackfill(config, word satisfies BackfillAction, args.id, context, {
        json,
        detach: args.detach === true,
      });
    }
    if (args.id !== undefined)
      throw new UsageError(`"tutti backfill ${args.target}" does not know what to do with "${args.id}".`);
    const asked = await askBackfill(args.target, args, config, context);
    if (args["dry-run"] === true) return printPreview(config, asked, context, json);
    return createBackfill(config, asked, context, { json, detach: args.detach === true });
  },
});
