import { Readable } from "node:stream";
import { logContracts } from "../../api/log-contracts.ts";
import { artifactUri, checkArtifactName } from "../../core/artifact-uri.ts";
import { TuttiError } from "../../core/errors.ts";
import { artifactStoreAt } from "../../engine/artifacts/artifact-store.ts";
import type { TaskRunDetail } from "../../store/reader.ts";
import { on } from "../handler.ts";
import { PageCursor, sliced } from "../page-cursor.ts";
import type { ServerContext } from "../server-context.ts";
import { visibleRun } from "../visible-run.ts";

export const artifactRoutes = [
  on(logContracts.artifacts, async ({ params, query, caller }, server) => {
    const { run } = await visibleRun(params.run, caller, server);
    const rows = await recorded(run.id, server);
    const items = [];
    for await (const { taskRunId, claim, name, size } of artifactStoreAt(server.config.artifactsDir).list(run.id)) {
      const row = rows.get(taskRunId);
      if (row === undefined || !isOf(row, claim)) continue;
      const { task, mapIndex } = row;
      items.push({
        taskRunId,
        task,
        mapIndex,
        claim,
        name,
        size,
        uri: artifactUri({ runId: run.id, taskRunId, claim, name }),
      });
    }
    return sliced(items, query, new PageCursor(`artifacts ${run.id}`, query));
  }),

  on(logContracts.artifact, async ({ params, caller, http }, server) => {
    const { run } = await visibleRun(params.run, caller, server);
    const [taskRunId, claim] = [Number(params.taskRun), Number(params.claim)];
    // The name comes from a path: what could leave its folder is refused before anything is looked at.
    const name = checkArtifactName(params.artifact);
    const row = (await recorded(run.id, server)).get(taskRunId);
    const uri = artifactUri({ runId: run.id, taskRunId, claim, name });
    const store = artifactStoreAt(server.config.artifactsDir);
    const size = row === undefined || !isOf(row, claim) ? null : await store.sizeOf(uri);
    if (size === null)
      throw new TuttiError(
        "ARTIFACT_NOT_FOUND",
        `There is no artifact "${uri}", or its result was not recorded, or it was pruned.`,
      );
    // Never shown as a page of ours, whatever is in it.
    http.header("content-type", "application/octet-stream");
    http.header(
      "content-disposition",
      `attachment; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", "%27")}`,
    );
    http.header("content-security-policy", "default-src 'none'; sandbox");
    http.header("content-length", String(size));
    http.header("cache-control", "private, no-store");
    return http.body(Readable.toWeb(Readable.from(store.read(uri))) as ReadableStream);
  }),
];

/** The task runs whose results are there: what others wrote is nobody's. */
async function recorded(runId: string, { reader }: ServerContext): Promise<ReadonlyMap<number, TaskRunDetail>> {
  const rows = (await reader.runDetail(runId, { outputs: false }))?.taskRuns ?? [];
  return new Map(rows.filter(({ state }) => state === "succeeded").map((row) => [row.id, row]));
}

/** Of an attempt that waited, all claims since its first are its own. */
const isOf = (row: TaskRunDetail, claim: number): boolean =>
  claim <= row.claim && claim >= (row.firstClaim ?? row.claim);
