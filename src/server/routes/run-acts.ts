import { type BULK_ACTS, runContracts } from "../../api/run-contracts.ts";
import { askedPartition } from "../../core/asked-partition.ts";
import { askedWindow } from "../../core/asked-window.ts";
import { TuttiError } from "../../core/errors.ts";
import type { WorkflowManifest } from "../../core/manifest.ts";
import { RUN_STATES, type RunState } from "../../core/run-state.ts";
import { timezoneOf } from "../../core/schedule.ts";
import { TimeZone } from "../../core/time-zone.ts";
import { type RunWindow, windowFrom } from "../../core/window.ts";
import { auditEntry } from "../../owner/audited-session.ts";
import { NOBODY, type RetryOptions } from "../../owner/run-session.ts";
import { wallClock } from "../../store/wall-clock.ts";
import { badRequest, isExpected } from "../failure.ts";
import type { Caller } from "../caller.ts";
import { on } from "../handler.ts";
import { chosenOf, doEach } from "../many.ts";
import { newId, ownId, subjectOf } from "../once.ts";
import { checkControl, controlTasks, type TaskControl } from "../run-control.ts";
import { runDetailDocument } from "../run-document.ts";
import { type RunSelection, selected } from "../run-selection.ts";
import type { ServerContext } from "../server-context.ts";
import { oneVersion } from "../version-lookup.ts";
import { type VisibleRun, visibleRun } from "../visible-run.ts";

interface Retry {
  readonly fresh?: boolean;
  readonly version?: "same" | "latest";
}

export const runActRoutes = [
  on(runContracts.start, async ({ body, key, caller }, server) => {
    const { summary, version: latest } = await server.catalog.get(body.workflow, caller);
    const version = body.version === undefined ? latest : await oneVersion(server.reader, summary.name, body.version);
    const window = windowOf(body, version.manifest);
    const own = ownId(body.id, server, async (id) => (await server.reader.runHead(id)) !== null);
    const { subject: id, first } = await subjectOf(
      key ?? own?.key ?? null,
      ["start", body],
      own?.id ?? newId(server),
      caller,
      server,
    );
    if (first) await own?.check();
    const session = await server.session();
    const { params, fresh = false } = body;
    const of = { id: version.id, hash: version.hash };
    await session.submit({ id, version: of, workflow: summary.name, params, window, fresh }, NOBODY).catch(refused);
    if (first)
      await session.administer(
        { kind: "record" },
        auditEntry(caller.actor, "run.start", id, null, {
          workflow: summary.name,
          version: version.hash,
          date: window.date,
          ...(window.partition !== undefined && { partition: window.partition }),
        }),
      );
    return now(id, caller, server);
  }),

  on(runContracts.cancel, async ({ params, caller }, server) => {
    const { run } = await visibleRun(params.run, caller, server);
    await cancel(run.id, caller, server);
    return now(run.id, caller, server);
  }),

  on(runContracts.retry, async ({ params, body, key, caller }, server) => {
    const found = await visibleRun(params.run, caller, server);
    await retry(found, body, key, caller, server);
    return now(found.run.id, caller, server);
  }),

  on(runContracts.bulk, async ({ body, key, caller }, server) => {
    checkBulk(body);
    const { ids, more } = await chosenOf(body, (selection, limit) => runsFor(body, selection, limit, caller, server));
    const runs = await doEach(ids, body.dryRun, (id) => act(id, body, key, caller, server));
    return { runs, more };
  }),
];

function windowOf(
  { date, window, partition }: { date?: string; window?: { start: string; end: string }; partition?: string },
  manifest: WorkflowManifest,
): RunWindow {
  if ([date, window, partition].filter((given) => given !== undefined).length > 1)
    throw badRequest(`Give one of a date, a window and a partition.`);
  if (partition !== undefined) return askedPartition(manifest, partition, wallClock.now());
  if (window === undefined) return askedWindow(manifest, date, wallClock.now());
  const [start, end] = [Date.parse(window.start), Date.parse(window.end)];
  if (!(start <= end)) throw badRequest(`Give a window that ends at its start or later.`);
  const [schedule] = manifest.schedules;
  return windowFrom({ start, end }, TimeZone.of(schedule === undefined ? "UTC" : timezoneOf(schedule)));
}

/** What the workflow's own code says of its params may have any code. */
function refused(error: unknown): never {
  if (error instanceof TuttiError && !isExpected(error))
    throw new TuttiError("RUN_REFUSED", error.message, { cause: error });
  throw error;
}

interface Bulk {
  readonly act: (typeof BULK_ACTS)[number];
  readonly ids?: readonly string[];
  readonly selection?: RunSelection;
  readonly retry?: Retry;
  readonly tasks?: readonly string[];
  readonly as?: TaskControl["as"];
  readonly reason?: string;
  readonly downstream?: boolean;
}

/** Before the first run is touched. */
function checkBulk({ act: what, tasks, as, downstream, reason, retry: asked }: Bulk): void {
  const needsTasks = what === "clear" || what === "mark";
  if (needsTasks && tasks === undefined) throw badRequest(`"${what}" needs "tasks": which tasks of each run.`);
  if (what === "retry" && tasks !== undefined)
    throw badRequest(`"retry" takes no "tasks": it goes on from those that failed. To begin with others: "clear".`);
  if (what !== "retry" && asked !== undefined) throw badRequest(`"retry" goes with the act "retry" only.`);
  if (what !== "clear" && downstream !== undefined) throw badRequest(`"downstream" goes with "clear" only.`);
  if (what !== "mark" && reason !== undefined) throw badRequest(`"reason" goes with "mark" only.`);
  checkControl({ act: what === "retry" ? "cancel" : what, as });
}

async function act(id: string, bulk: Bulk, key: string | null, caller: Caller, server: ServerContext): Promise<void> {
  const found = await visibleRun(id, caller, server);
  const own = key === null ? null : `${key} ${id}`;
  const { act: what, tasks, as, reason, downstream } = bulk;
  if (what === "retry") return retry(found, bulk.retry ?? {}, own, caller, server);
  if (tasks === undefined) return cancel(id, caller, server);
  await controlTasks(id, { act: what, tasks, as, reason, downstream }, own, caller, server);
}

/** What can't be cancelled, retried or cleared as it is, is not meant. */
const STATES_OF: Readonly<Record<Bulk["act"], readonly RunState[]>> = {
  cancel: ["queued", "running"],
  retry: ["failed", "cancelled"],
  clear: ["succeeded", "failed", "cancelled"],
  mark: RUN_STATES,
};

async function runsFor(
  { act: what }: Bulk,
  selection: RunSelection,
  limit: number,
  caller: Caller,
  { reader, catalog }: ServerContext,
): Promise<readonly string[]> {
  const query = await selected(selection, caller, catalog);
  if (query === null) return [];
  const states = STATES_OF[what].filter((state) => query.states === undefined || query.states.includes(state));
  if (states.length === 0) return [];
  return (await reader.listRuns({ ...query, states, limit })).map(({ id }) => id);
}

async function cancel(id: string, { actor }: Caller, server: ServerContext): Promise<void> {
  const session = await server.session();
  await session.cancel(id);
  await session.administer({ kind: "record" }, auditEntry(actor, "run.cancel", id, null, { cancelRequested: true }));
}

async function retry(
  { run }: VisibleRun,
  asked: Retry,
  key: string | null,
  caller: Caller,
  server: ServerContext,
): Promise<void> {
  // The key stands for the generation that the retry opens: when that is there, it was done.
  const opens = String(run.generation + 1);
  const { subject } = await subjectOf(key, ["retry", run.id, asked], opens, caller, server);
  if (run.generation >= Number(subject)) return;
  const { fresh = false, version = "same" } = asked;
  const { generation } = run;
  const options: RetryOptions = { fresh, generation, ...(version === "latest" ? { version } : {}) };
  const session = await server.session();
  await session.retry(run.id, options, NOBODY);
  await session.administer(
    { kind: "record" },
    auditEntry(caller.actor, "run.retry", run.id, { state: run.state, generation }, { fresh, version }),
  );
}

async function now(id: string, caller: Caller, server: ServerContext) {
  const found = await visibleRun(id, caller, server);
  return runDetailDocument(found, found.version);
}
