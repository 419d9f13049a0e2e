import { TuttiError } from "../core/errors.ts";
import type { RunHead } from "../store/reader.ts";
import type { Caller } from "./caller.ts";
import type { ServerContext } from "./server-context.ts";

export interface VisibleRun extends RunHead {
  /** The hash of its version. */
  readonly version: string;
}

/**
 * The run that a path names by its id, or by the beginning of it.
 * @throws TuttiError `RUN_NOT_FOUND` also for one that the caller may not see; `RUN_ID_AMBIGUOUS`
 */
export async function visibleRun(prefix: string, caller: Caller, server: ServerContext): Promise<VisibleRun> {
  const { reader, catalog } = server;
  const visible = await catalog.visible(caller);
  const id = await reader.findRun(prefix).catch((error: TuttiError) => {
    // The others' ids are nothing for him.
    throw visible !== null && error.code === "RUN_ID_AMBIGUOUS" ? notFound(prefix) : error;
  });
  const head = await reader.runHead(id);
  if (head === null || (visible !== null && !visible.has(head.run.workflow))) throw notFound(prefix);
  return { ...head, version: (await catalog.version(head.run.versionId))?.hash ?? "" };
}

const notFound = (prefix: string): TuttiError => new TuttiError("RUN_NOT_FOUND", `There is no run "${prefix}".`);
