import { loadConfig } from "../../loader/config.ts";
import { migrateStore, missingSteps } from "../../owner/migrate-store.ts";
import { storeName } from "../../owner/open-store.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { plural } from "../output/counts-text.ts";

export const migrate = defineCommand({
  name: "migrate",
  description: "Bring the store up to this release. On PostgreSQL nothing else does; a SQLite store migrates by itself",
  args: {
    "dry-run": { type: "boolean", description: "Only say what would be done" },
    json: JSON_ARG,
  },
  examples: [
    ["tutti migrate --dry-run", "the steps that the store lacks"],
    ["tutti migrate", "once, before the first process of a new release starts; several at once do no harm"],
  ],
  async run(args, { cwd, typed, out }) {
    const { store } = await loadConfig({ cwd });
    const dryRun = args["dry-run"] === true;
    const steps = dryRun ? await missingSteps(store) : await migrateStore(store, typed);
    if (args.json) out.json({ store: storeName(store), dryRun, steps });
    else if (steps.length === 0) out.line(`Store "${storeName(store)}" is up to date.`);
    else {
      for (const step of steps) out.line(`  ${step}`);
      out.line(
        dryRun
          ? `Store "${storeName(store)}" lacks ${plural(steps.length, "step")}. Nothing was changed.`
          : `Store "${storeName(store)}" is up to date now: ${plural(steps.length, "step")}.`,
      );
    }
    return STATUS.succeeded;
  },
});
