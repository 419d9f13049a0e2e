import type { ControlRequest } from "../engine/control-request.ts";
import { auditEntry } from "../owner/audited-session.ts";
import { NOBODY } from "../owner/run-session.ts";
import type { Caller } from "./caller.ts";
import { badRequest } from "./failure.ts";
import { subjectOf } from "./once.ts";
import type { ServerContext } from "./server-context.ts";

/** What somebody does to single tasks of a run. */
export interface TaskControl {
  readonly act: "clear" | "mark" | "cancel";
  readonly tasks: readonly string[];
  readonly mapIndex?: number | undefined;
  readonly as?: "succeeded" | "failed" | "skipped" | undefined;
  readonly reason?: string | undefined;
  readonly downstream?: boolean | undefined;
}

/** @throws TuttiError `BAD_REQUEST` */
export function checkControl({ act, as }: Pick<TaskControl, "act" | "as">): void {
  if ((act === "mark") !== (as !== undefined))
    throw badRequest(`"as" says what tasks are marked with: with "mark", and only with it.`);
}

/** Once for each key. */
export async function controlTasks(
  runId: string,
  asked: TaskControl,
  key: string | null,
  caller: Caller,
  server: ServerContext,
): Promise<void> {
  // As a retry: the key stands for the generation that it opens, or for having been asked.
  const { first } = await subjectOf(key, ["control", runId, asked], "asked", caller, server);
  if (!first) return;
  const session = await server.session();
  for (const request of requestsOf(asked, caller.actor)) {
    const before = await session.control(runId, request, NOBODY);
    const { kind, ...rest } = request;
    await session.administer({ kind: "record" }, auditEntry(caller.actor, `run.${kind}`, runId, before, rest));
  }
}

function requestsOf(asked: TaskControl, actor: string): ControlRequest[] {
  checkControl(asked);
  const { act, tasks, mapIndex, as, reason, downstream = false } = asked;
  const index = mapIndex === undefined ? {} : { index: mapIndex };
  switch (act) {
    case "clear":
      return [{ kind: "clear_tasks", tasks, downstream, ...index }];
    case "cancel":
      return tasks.map((task) => ({ kind: "cancel_task", task, ...index }));
    case "mark": {
      const by = `marked as ${as} by ${actor}`;
      const why = reason === undefined ? by : `${by}: ${reason}`;
      return tasks.map((task) => ({ kind: "mark_task", task, as: as!, reason: why, ...index }));
    }
  }
}
