import { type StayOptions, type Staying, stay } from "../owner/stay.ts";
import { storeName } from "../owner/open-store.ts";
import type { CommandContext } from "./command.ts";
import { STATUS } from "./exit-status.ts";
import type { FiredRun } from "../engine/firing/firing.ts";
import { printFired } from "./output/fired-line.ts";
import { Interrupts } from "./interrupts.ts";
import { printServer, Problems, serveBeside, serverDocument, withServer } from "./serve-beside.ts";
import { printLoadErrors } from "./output/load-errors.ts";

/** How long running tasks may go on when their process is told to stop. */
const GRACE_MS = 30_000;

/**
 * Works on the store until Ctrl-C or SIGTERM: then running tasks may end, and what this process held is given back. A second
 * signal stops at once. Ending as told is success: whoever supervises the process need not know more.
 */
export async function stayUntilTold(
  options: Pick<StayOptions, "config" | "roles" | "queues" | "slots" | "labels">,
  context: CommandContext,
  json: boolean,
): Promise<number> {
  const { out, typed } = context;
  const { config, labels, roles } = options;
  return untilTold(context, async () => {
    // What is fired while it begins is said after it has said that it has.
    const early: FiredRun[] = [];
    let tell = (fired: FiredRun): void => void early.push(fired);
    const problems = new Problems();
    const staying = await stay({
      ...options,
      command: typed,
      notice: (text) => out.note(text),
      onFired: (fired) => tell(fired),
      onLoadErrors: (errors) => {
        problems.set(errors);
        printLoadErrors({ ...out, line: (text = "") => out.note(text) }, errors);
      },
    });
    const server = roles.includes("server") ? await serveBeside(staying, config, context, problems) : null;
    const { name, slots } = staying;
    const queues = slots > 0 ? options.queues : [];
    if (json)
      out.json({
        name,
        store: storeName(config.store),
        roles,
        queues,
        slots,
        labels,
        ...(server && serverDocument(server)),
      });
    else {
      out.line(`Process "${name}" ${workText(roles, queues, slots)} on store "${storeName(config.store)}".`);
      if (server !== null) printServer(out, server);
    }
    tell = (fired) => printFired(out, fired, json);
    early.forEach(tell);
    return server === null ? staying : withServer(staying, server);
  });
}

/** Stays until Ctrl-C or SIGTERM, as `stayUntilTold`. `begin` says to the user that it has begun. */
export async function untilTold({ out }: CommandContext, begin: () => Promise<Staying>): Promise<number> {
  const told = Promise.withResolvers<"told">();
  // Before the process joins: a signal that comes meanwhile counts.
  const interrupts = new Interrupts(() => told.resolve("told"));
  const staying = await begin();
  await out.flush();
  try {
    await Promise.race([told.promise, staying.failed]);
  } catch (error) {
    await staying.close(0);
    throw error;
  }
  out.note("Stopping: running tasks may end, for up to 30 s. A second signal stops at once.");
  await staying.close(GRACE_MS);
  return interrupts.status === null ? STATUS.failed : STATUS.succeeded;
}

function workText(roles: StayOptions["roles"], queues: readonly string[], slots: number): string {
  const takes = `queue${queues.length === 1 ? "" : "s"} ${queues.join(", ")}, ${slots} slots`;
  if (!roles.includes("worker")) return roles.includes("scheduler") ? "schedules" : "serves";
  return roles.includes("scheduler") ? `schedules and works (${takes})` : `works (${takes})`;
}
