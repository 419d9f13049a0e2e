import { runContracts } from "../../api/run-contracts.ts";
import type { Reason, RunExplanation } from "../../core/explanation.ts";
import { momentText } from "../../core/moment-text.ts";
import { presentProcesses } from "../../owner/present-processes.ts";
import { badRequest } from "../failure.ts";
import { on } from "../handler.ts";
import { controlTasks } from "../run-control.ts";
import { runDetailDocument } from "../run-document.ts";
import { visibleRun } from "../visible-run.ts";

export const controlRoutes = [
  on(runContracts.why, async ({ params, query, caller }, server) => {
    const { run } = await visibleRun(params.run, caller, server);
    const { task, mapIndex } = query;
    if (mapIndex !== undefined && task === undefined) throw badRequest(`"mapIndex" needs a task.`);
    const processes = (await presentProcesses(server.config.store, server.reader)).filter(({ alive }) => alive);
    // It is the engine's own code, which the server has no other use for.
    const { explainRun } = await import("../../engine/explain/explain-run.ts");
    const explained = await explainRun(server.reader, run.id, {
      processes,
      ...(task === undefined ? {} : { task }),
      ...(mapIndex === undefined ? {} : { index: mapIndex }),
    });
    return whyDocument(explained, await server.catalog.visible(caller));
  }),

  on(runContracts.control, async ({ params, body, key, caller }, server) => {
    const found = await visibleRun(params.run, caller, server);
    const { run } = found;
    await controlTasks(run.id, body, key, caller, server);
    const after = await visibleRun(run.id, caller, server);
    return runDetailDocument(after, after.version);
  }),
];

/** Names of workflows that the reader may not see are left out of who holds what. */
function whyDocument({ reasons, tasks, ...run }: RunExplanation, visible: ReadonlySet<string> | null) {
  const shown = (reason: Reason): { kind: string } =>
    withMoments(
      reason.kind !== "limit" || visible === null
        ? reason
        : { ...reason, holders: reason.holders.filter(({ workflow }) => visible.has(workflow)) },
    ) as { kind: string };
  return {
    ...run,
    reasons: reasons.map(shown),
    tasks: tasks.map((task) => ({ ...task, reasons: task.reasons.map(shown) })),
  };
}

/** By their names: what is a moment in a reason. */
const MOMENTS = new Set(["at", "since", "until", "endedAt", "madeAt"]);

function withMoments(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMoments);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      MOMENTS.has(name) && typeof part === "number" ? momentText(part) : withMoments(part),
    ]),
  );
}
