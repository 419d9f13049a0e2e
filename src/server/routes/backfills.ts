import { backfillContracts } from "../../api/backfill-contracts.ts";
import { planBackfill } from "../../core/backfill-plan.ts";
import { type BackfillAction, isEndedBackfill } from "../../core/backfill-state.ts";
import { TuttiError } from "../../core/errors.ts";
import { momentText } from "../../core/moment-text.ts";
import { auditEntry } from "../../owner/audited-session.ts";
import { type PreviewedWindow, previewBackfill } from "../../owner/backfill-preview.ts";
import type { BackfillRecord } from "../../store/backfills.ts";
import { backfillDocument } from "../backfill-document.ts";
import type { Caller } from "../caller.ts";
import { on } from "../handler.ts";
import { chosenOf, doEach } from "../many.ts";
import { newId, ownId, subjectOf } from "../once.ts";
import { isRunId, isWhole, PageCursor } from "../page-cursor.ts";
import type { ServerContext } from "../server-context.ts";

export const backfillRoutes = [
  on(backfillContracts.list, async ({ query, caller }, { catalog, reader }) => {
    const { limit = 100, workflow, state } = query;
    const at = new PageCursor("backfills", query);
    const before = at.read(query.cursor, isRunId);
    const names = await namesSeen(workflow, caller, catalog);
    const found = await reader.listBackfills({
      ...(names === undefined ? {} : { workflow: names }),
      ...(state === undefined ? {} : { states: state }),
      ...(before === undefined ? {} : { before }),
      limit: limit + 1,
    });
    const items = found.slice(0, limit);
    return { items: items.map(backfillDocument), next: found.length > limit ? at.at(items.at(-1)!.id) : null };
  }),

  on(backfillContracts.start, async ({ body, key, caller }, server) => {
    const { workflow: name, id: given, ...asked } = body;
    const { summary, version } = await server.catalog.get(name, caller);
    const { plan, maxActiveRuns, total } = planBackfill(version.manifest, asked, server.clock.now());
    const own = ownId(
      given,
      server,
      async (id) => (await server.reader.listBackfills({ before: `${id}~`, limit: 1 }))[0]?.id === id,
    );
    const { subject: id, first } = await subjectOf(
      key ?? own?.key ?? null,
      ["backfill", body],
      own?.id ?? newId(server),
      caller,
      server,
    );
    if (first) await own?.check();
    const session = await server.session();
    const workflow = summary.name;
    const backfill = {
      id,
      workflow,
      plan,
      maxActiveRuns,
      total,
      createdAt: server.clock.now(),
      createdBy: caller.actor,
    };
    const record = (await session.backfill({ kind: "create", backfill, version: null }))!;
    if (first)
      await session.administer(
        { kind: "record" },
        auditEntry(caller.actor, "backfill.create", id, null, { workflow, state: record.state, windows: total }),
      );
    return backfillDocument(record);
  }),

  on(backfillContracts.preview, async ({ body, caller }, server) => {
    const { workflow: name, limit = 100, cursor, ...asked } = body;
    const { summary, version } = await server.catalog.get(name, caller);
    const { plan, total } = planBackfill(version.manifest, asked, server.clock.now());
    const at = new PageCursor("backfill preview", body);
    const from = at.read(cursor, isWhole) ?? 0;
    const counts = { run: 0, skip: 0 };
    const reasons: Record<string, number> = {};
    const windows: PreviewedWindow[] = [];
    let place = 0;
    for await (const window of previewBackfill(server.reader, summary.name, plan, server.clock.now())) {
      counts[window.action] += 1;
      reasons[window.reason] = (reasons[window.reason] ?? 0) + 1;
      if (place >= from && place < from + limit) windows.push(window);
      place += 1;
    }
    return {
      total,
      ...counts,
      reasons,
      windows: windows.map(windowDocument),
      next: from + limit < total ? at.at(from + limit) : null,
    };
  }),

  on(backfillContracts.bulk, async ({ body, caller }, server) => {
    const { ids, more } = await chosenOf(body, async ({ workflow, state }, limit) => {
      const names = await namesSeen(workflow, caller, server.catalog);
      const states = STATES_BEFORE[body.act].filter((each) => state === undefined || state.includes(each));
      if (states.length === 0) return [];
      const found = await server.reader.listBackfills({
        states,
        limit,
        ...(names !== undefined && { workflow: names }),
      });
      return found.map(({ id }) => id);
    });
    return { items: await doEach(ids, body.dryRun, (id) => turn(id, body.act, caller, server)), more };
  }),

  on(backfillContracts.get, async ({ params, caller }, server) =>
    backfillDocument(await visibleBackfill(params.backfill, caller, server)),
  ),

  on(backfillContracts.pause, ({ params, caller }, server) => turn(params.backfill, "pause", caller, server)),
  on(backfillContracts.resume, ({ params, caller }, server) => turn(params.backfill, "resume", caller, server)),
  on(backfillContracts.cancel, ({ params, caller }, server) => turn(params.backfill, "cancel", caller, server)),
];

/** In which states it can be done to one. */
const STATES_BEFORE: Readonly<Record<BackfillAction, readonly ("running" | "paused")[]>> = {
  pause: ["running"],
  resume: ["paused"],
  cancel: ["running", "paused"],
};

/** Of these workflows those that the caller may see; `undefined`: all. */
async function namesSeen(
  workflow: readonly string[] | undefined,
  caller: Caller,
  catalog: ServerContext["catalog"],
): Promise<readonly string[] | undefined> {
  const visible = await catalog.visible(caller);
  return visible === null ? workflow : (workflow ?? [...visible]).filter((name) => visible.has(name));
}

const windowDocument = ({ window, action, reason }: PreviewedWindow) => ({
  date: window.date,
  start: momentText(window.start),
  end: momentText(window.end),
  action,
  reason,
  ...(window.partition !== undefined && { partition: window.partition }),
});

/** @throws TuttiError `BACKFILL_NOT_FOUND` also for one that the caller may not see; `BACKFILL_ID_AMBIGUOUS` */
async function visibleBackfill(
  prefix: string,
  caller: Caller,
  { reader, catalog }: ServerContext,
): Promise<BackfillRecord> {
  const visible = await catalog.visible(caller);
  const found = await reader.findBackfill(prefix).catch((error: TuttiError) => {
    // The others' ids are nothing for him.
    throw visible !== null && error.code === "BACKFILL_ID_AMBIGUOUS" ? notFound(prefix) : error;
  });
  if (visible !== null && !visible.has(found.workflow)) throw notFound(prefix);
  return found;
}

async function turn(prefix: string, action: BackfillAction, caller: Caller, server: ServerContext) {
  const { id, state, workflow } = await visibleBackfill(prefix, caller, server);
  if (isEndedBackfill(state))
    throw new TuttiError("BACKFILL_ENDED", `Backfill "${id}" has ended: ${state}. There is nothing to ${action}.`);
  const session = await server.session();
  const record = await session.backfill({ kind: action, id });
  if (record === null) throw notFound(prefix);
  await session.administer(
    { kind: "record" },
    auditEntry(caller.actor, `backfill.${action}`, id, { state }, { workflow, state: record.state }),
  );
  return backfillDocument(record);
}

const notFound = (prefix: string): TuttiError =>
  new TuttiError("BACKFILL_NOT_FOUND", `There is no backfill "${prefix}".`);
