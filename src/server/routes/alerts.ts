import type { Static } from "typebox";
import { type Alert, alertContracts } from "../../api/alert-contracts.ts";
import { TuttiError } from "../../core/errors.ts";
import { momentOrNull, momentText } from "../../core/moment-text.ts";
import { auditEntry } from "../../owner/audited-session.ts";
import type { AlertQuery, AlertRecord } from "../../store/alerts.ts";
import type { Caller } from "../caller.ts";
import { on } from "../handler.ts";
import { chosenOf, doEach } from "../many.ts";
import { isWhole, PageCursor } from "../page-cursor.ts";
import type { ServerContext } from "../server-context.ts";
import { visibleRun } from "../visible-run.ts";

interface AlertSelection {
  readonly state?: NonNullable<AlertQuery["states"]>;
  readonly workflow?: readonly string[];
  readonly run?: string;
  readonly webhook?: number;
}

export const alertRoutes = [
  on(alertContracts.list, async ({ query, caller }, server) => {
    const { limit = 100, cursor, ...selection } = query;
    const at = new PageCursor("alerts", query);
    const before = at.read(cursor, isWhole);
    const found = await server.reader.listAlerts({
      ...(await chosen(selection, caller, server)),
      ...(before === undefined ? {} : { before }),
      limit: limit + 1,
    });
    const items = found.slice(0, limit);
    return { items: items.map(alertDocument), next: found.length > limit ? at.at(items.at(-1)!.id) : null };
  }),

  on(alertContracts.get, async ({ params, caller }, server) =>
    alertDocument(await visibleAlert(params.alert, caller, server)),
  ),

  on(alertContracts.retry, async ({ params, caller }, server) => {
    await retry(params.alert, caller, server);
    return alertDocument(await visibleAlert(params.alert, caller, server));
  }),

  on(alertContracts.bulk, async ({ body, caller }, server) => {
    const { ids, more } = await chosenOf(body, async (selection, limit) => {
      const query = await chosen({ ...selection, state: ["failed"] }, caller, server);
      return (await server.reader.listAlerts({ ...query, limit })).map(({ id }) => id);
    });
    return { items: await doEach(ids, body.dryRun, (id) => retry(String(id), caller, server)), more };
  }),
];

async function chosen(
  { state, workflow, run, webhook }: AlertSelection,
  caller: Caller,
  server: ServerContext,
): Promise<Omit<AlertQuery, "limit">> {
  const visible = await server.catalog.visible(caller);
  const workflows = visible === null ? workflow : (workflow ?? [...visible]).filter((name) => visible.has(name));
  return {
    ...(state === undefined ? {} : { states: state }),
    ...(workflows === undefined ? {} : { workflows }),
    ...(run === undefined ? {} : { runId: (await visibleRun(run, caller, server)).run.id }),
    ...(webhook === undefined ? {} : { webhook }),
  };
}

async function retry(alert: string, caller: Caller, server: ServerContext): Promise<void> {
  const { id, state } = await visibleAlert(alert, caller, server);
  const session = await server.session();
  if (!(await session.retryAlert(id)))
    throw new TuttiError("ALERT_NOT_FAILED", `Alert ${id} has not failed: it is ${state}. There is nothing to retry.`);
  await session.administer(
    { kind: "record" },
    auditEntry(caller.actor, "alert.retry", String(id), { state }, { state: "trying" }),
  );
}

/** @throws TuttiError `ALERT_NOT_FOUND` also for one that the caller may not see */
async function visibleAlert(id: string, caller: Caller, { reader, catalog }: ServerContext): Promise<AlertRecord> {
  const [found] = await reader.listAlerts({ before: Number(id) + 1, limit: 1 });
  const visible = await catalog.visible(caller);
  const seen = visible === null || visible.has(found?.workflow ?? "");
  if (found?.id !== Number(id) || !seen) throw new TuttiError("ALERT_NOT_FOUND", `There is no alert ${id}.`);
  return found;
}

/** An alert as the API shows it. */
export const alertDocument = (alert: AlertRecord): Static<typeof Alert> => ({
  id: alert.id,
  at: momentText(alert.at),
  event: alert.event,
  workflow: alert.workflow,
  task: alert.task,
  runId: alert.runId,
  count: alert.count,
  receiver: alert.receiver,
  state: alert.state,
  tries: alert.tries,
  dueAt: alert.state === "waiting" || alert.state === "trying" ? momentText(alert.dueAt) : null,
  deliveredAt: momentOrNull(alert.deliveredAt),
  error: alert.error,
  lastError: alert.lastError,
  undelivered: alert.undelivered,
});
