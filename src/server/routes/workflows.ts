import { workflowContracts } from "../../api/workflow-contracts.ts";
import { standingTasks } from "../../core/manifest.ts";
import { diffManifests, isSameGraph } from "../../core/manifest-diff.ts";
import { momentOrNull, momentText } from "../../core/moment-text.ts";
import { startTexts } from "../../core/schedule-text.ts";
import { auditEntry } from "../../owner/audited-session.ts";
import { TuttiError } from "../../core/errors.ts";
import type { VersionSummary } from "../../store/reader.ts";
import type { PauseState, ScheduleRecord } from "../../store/schedules.ts";
import type { Caller } from "../caller.ts";
import type { Catalogued } from "../catalog.ts";
import { on } from "../handler.ts";
import { chosenOf, doEach } from "../many.ts";
import { knownNextFire } from "../next-fires.ts";
import { isWhole, PageCursor, sliced } from "../page-cursor.ts";
import type { ServerContext } from "../server-context.ts";
import { oneVersion, twoVersions } from "../version-lookup.ts";

export const workflowRoutes = [
  on(workflowContracts.list, async ({ query, caller }, { catalog, reader }) => {
    const { retired = false } = query;
    const all = (await catalog.list(caller)).filter(
      (each) => (retired || !each.summary.retired) && isChosen(each, query),
    );
    const page = sliced(all, query, new PageCursor("workflows", query));
    const records = await schedulesOf(page.items, reader.listSchedules.bind(reader));
    return { ...page, items: page.items.map((each) => workflowDocument(each, records.get(each.summary.name) ?? [])) };
  }),

  on(workflowContracts.get, async ({ params, caller }, { catalog, reader }) => {
    const found = await catalog.get(params.workflow, caller);
    const records = await reader.listSchedules([found.summary.name]);
    return { ...workflowDocument(found, records), manifest: found.version.manifest };
  }),

  on(workflowContracts.versions, async ({ params, query, caller }, { catalog, reader }) => {
    const { summary } = await catalog.get(params.workflow, caller);
    const { limit = 100, manifests = false } = query;
    const at = new PageCursor(`versions ${summary.name}`, query);
    const found = await reader.listVersions(summary.name, {
      limit: limit + 1,
      before: at.read(query.cursor, isWhole) ?? null,
    });
    const items = found.slice(0, limit);
    return {
      items: items.map((each) => ({ ...versionDocument(each), ...(manifests && { manifest: each.manifest }) })),
      next: found.length > limit ? at.at(items.at(-1)!.id) : null,
    };
  }),

  on(workflowContracts.version, async ({ params, caller }, { catalog, reader }) => {
    const { summary } = await catalog.get(params.workflow, caller);
    const version = await oneVersion(reader, summary.name, params.version);
    return { ...versionDocument(version), manifest: version.manifest };
  }),

  on(workflowContracts.diff, async ({ params, query, caller }, { catalog, reader }) => {
    const { summary } = await catalog.get(params.workflow, caller);
    const { before, after } = await twoVersions(reader, summary.name, params.version, query.from);
    const diff = diffManifests(before.manifest, after.manifest);
    return { before: versionDocument(before), after: versionDocument(after), diff, same: isSameGraph(diff) };
  }),

  on(workflowContracts.pause, ({ params, caller }, server) => setPaused(params.workflow, caller, true, server)),
  on(workflowContracts.unpause, ({ params, caller }, server) => setPaused(params.workflow, caller, false, server)),

  on(workflowContracts.bulk, async ({ body, caller }, server) => {
    const pauses = body.act === "pause";
    const { ids, more } = await chosenOf({ ids: body.names, selection: body.selection }, async (selection, limit) =>
      (await server.catalog.list(caller))
        .filter(({ summary: { deployed, retired, paused } }) => deployed && !retired && (paused === null) === pauses)
        .filter((each) => isChosen(each, selection))
        .slice(0, limit)
        .map(({ summary }) => summary.name),
    );
    return { items: await doEach(ids, body.dryRun, (name) => setPaused(name, caller, pauses, server)), more };
  }),

  on(workflowContracts.loadErrors, async ({ query, caller }, { loadProblems, catalog }) => {
    const visible = await catalog.visible(caller);
    // What no workflow is known of may be anybody's; whoever sees only some sees only theirs.
    const seen = loadProblems().filter(
      ({ workflow }) => visible === null || (workflow !== null && visible.has(workflow)),
    );
    return sliced(seen, query, new PageCursor("load errors", query));
  }),
];

function isChosen(
  { summary, version: { manifest } }: Catalogued,
  { tag, q }: { readonly tag?: readonly string[]; readonly q?: string },
): boolean {
  return (
    (tag === undefined || tag.some((each) => manifest.tags.includes(each))) &&
    (q === undefined || summary.name.toLowerCase().includes(q.toLowerCase()))
  );
}

async function setPaused(name: string, { actor, tags }: Caller, paused: boolean, server: ServerContext) {
  const { summary } = await server.catalog.get(name, { tags });
  const session = await server.session();
  const state = await session.setPaused(summary.name, paused ? actor : null);
  if (state === null)
    throw new TuttiError(
      "WORKFLOW_NOT_REGISTERED",
      `Workflow "${summary.name}" was only run by hand: it has no schedules that could be paused. tutti deploy registers it.`,
    );
  if (!state.unchanged)
    await session.administer(
      { kind: "record" },
      auditEntry(actor, paused ? "workflow.pause" : "workflow.unpause", summary.name, { paused: !paused }, { paused }),
    );
  server.live.touched("workflows");
  return { workflow: summary.name, paused: pausedDocument(state), changed: !state.unchanged };
}

const pausedDocument = ({ pausedAt, pausedBy }: PauseState) =>
  pausedAt === null ? null : { since: momentText(pausedAt), by: pausedBy ?? "" };

async function schedulesOf(
  workflows: readonly Catalogued[],
  list: (names: readonly string[]) => Promise<readonly ScheduleRecord[]>,
): Promise<ReadonlyMap<string, readonly ScheduleRecord[]>> {
  const names = workflows.flatMap(({ summary, version }) =>
    version.manifest.schedules.length > 0 ? [summary.name] : [],
  );
  return Map.groupBy(names.length === 0 ? [] : await list(names), ({ workflow }) => workflow);
}

export function workflowDocument({ summary, version: { manifest } }: Catalogued, records: readonly ScheduleRecord[]) {
  const { name, file, version, deployed, retired, paused, counts, lastRun } = summary;
  const fires = deployed && !retired && paused === null && manifest.schedules.length > 0;
  return {
    name,
    description: manifest.description,
    tags: [...manifest.tags],
    file,
    version,
    deployed,
    retired,
    paused: paused === null ? null : { since: momentText(paused.at), by: paused.by },
    tasks: standingTasks(manifest).length,
    starts: startTexts(manifest),
    nextRun: fires ? momentOrNull(knownNextFire(manifest, records)) : null,
    lastRun: lastRun === null ? null : { ...lastRun, createdAt: momentText(lastRun.createdAt) },
    runs: counts as Record<string, number>,
  };
}

const versionDocument = ({ id, hash, file, createdAt, latest, unfinishedRuns, outside }: VersionSummary) => ({
  id,
  version: hash,
  file,
  registeredAt: momentText(createdAt),
  latest,
  unfinishedRuns,
  outside,
});
