import { systemClock } from "../../core/clock.ts";
import { loadConfig } from "../../loader/config.ts";
import { develop, type SavedChange } from "../../owner/develop.ts";
import { DEFAULT_QUEUE } from "../../owner/fleet/queue-words.ts";
import { storeName } from "../../owner/open-store.ts";
import { PROCESS_ROLES } from "../../store/process-list.ts";
import { type CommandContext, defineCommand, JSON_ARG } from "../command.ts";
import { plural } from "../output/counts-text.ts";
import { diffText } from "../output/diff-text.ts";
import { printFired } from "../output/fired-line.ts";
import { printLoadErrors } from "../output/load-errors.ts";
import { clockText } from "../output/time-text.ts";
import { printServer, Problems, serveBeside, serverDocument, withServer } from "../serve-beside.ts";
import { SERVER_ARGS, serverFlags } from "../server-args.ts";
import { untilTold } from "../stay-until-told.ts";
import { slotsFrom, WORKER_ARGS } from "../worker-args.ts";

export const dev = defineCommand({
  name: "dev",
  description: "As start, and every saved file is the latest version at once; for the store of one machine",
  args: {
    slots: WORKER_ARGS.slots,
    ...SERVER_ARGS,
    json: { ...JSON_ARG, description: "Print each save as a line of JSON" },
  },
  examples: [["tutti dev", "a run that has begun ends with the code it began with; the next one takes the new"]],
  async run(args, context) {
    const { cwd, out, typed } = context;
    const config = await loadConfig({ cwd, flags: serverFlags(args) });
    const problems = new Problems();
    const json = args.json === true;
    return untilTold(context, async () => {
      const staying = await develop({
        config,
        command: typed,
        roles: PROCESS_ROLES,
        queues: [DEFAULT_QUEUE],
        slots: slotsFrom(args.slots),
        labels: {},
        notice: (text) => out.note(text),
        onFired: (fired) => printFired(out, fired, json),
        onErrors: (errors) => problems.set(errors),
        onSaved: (saved) => (json ? out.json(documentOf(saved)) : print(context, saved)),
      });
      const server = await serveBeside(staying, config, context, problems);
      const { name, slots } = staying;
      const store = storeName(config.store);
      if (json) out.json({ event: "ready", name, store, slots, ...serverDocument(server) });
      else {
        out.line(`Ready on store "${store}" (${slots} slots). A saved file counts at once; Ctrl-C stops.`);
        printServer(out, server);
      }
      return withServer(staying, server);
    });
  },
});

function print({ out }: CommandContext, { workflows, errors, mended }: SavedChange): void {
  const now = out.style("dim", clockText(systemClock.now()).slice(0, 8));
  for (const { name, change, version, diff } of workflows) {
    const what = diff === null ? "" : `  ${diffText(diff)}`;
    const hash = version === null ? "" : `  ${out.style("dim", `version ${version.slice(0, 8)}`)}`;
    out.line(`${now} ${out.style("green", "✓")} ${out.style("bold", name)}  ${change}${hash}${what}`);
  }
  for (const file of mended) out.line(`${now} ${out.style("green", "✓")} ${file}  loads again`);
  printLoadErrors(out, errors);
  if (errors.length > 0) out.line(`${now} ${plural(errors.length, "problem")}: what loaded before goes on as it was.`);
}

const documentOf = ({ workflows, errors, mended }: SavedChange): object => ({
  event: "saved",
  workflows,
  errors: errors.map((error) => error.toJSON()),
  mended,
});
