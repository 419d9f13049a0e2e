import type { ControlRequest } from "../engine/control-request.ts";
import type { AnyConfig } from "../owner/any-place.ts";
import { openWork } from "../owner/open-work.ts";
import { NOBODY } from "../owner/run-session.ts";
import { asUser } from "./as-user.ts";
import type { CommandContext } from "./command.ts";
import { STATUS } from "./exit-status.ts";
import { stateText } from "./output/state-mark.ts";
import { taskRunText } from "./output/time-text.ts";
import { viewing } from "./reading.ts";
import { UsageError } from "./usage-error.ts";

export const INDEX_ARG = {
  type: "string",
  description: "Of a mapped task, only this element",
  valueHint: "0",
} as const;

/** @throws UsageError */
export function indexOf(text: string | undefined): { readonly index?: number } {
  if (text === undefined) return {};
  if (/^\d{1,9}$/.test(text)) return { index: Number(text) };
  throw new UsageError(`"${text}" is no place of an element: they are 0, 1, 2 …`);
}

/** Does something to a task of a run, and says how the task and its run are then. Without an owner, this process is it for a moment and starts nothing. */
export async function controlled(
  config: AnyConfig,
  runId: string,
  request: ControlRequest & { readonly task: string },
  { typed, out }: CommandContext,
  json = false,
): Promise<number> {
  const session = await openWork({ ...asUser(typed, out), config, serves: false });
  try {
    await session.control(runId, request, NOBODY);
  } finally {
    await session.close(0);
  }
  const detail = await viewing(config, (view) => view.runDetail(runId, { outputs: false }));
  const tasks = (detail?.taskRuns ?? [])
    .filter(
      ({ task, mapIndex }) => task === request.task && (request.index === undefined || mapIndex === request.index),
    )
    .map(({ task, mapIndex, state }) => ({ name: task, index: mapIndex, state }));
  const state = detail?.run.state ?? "running";
  if (json) out.json({ run: { id: runId, state }, tasks });
  else {
    for (const task of tasks.slice(0, 20))
      out.line(`${stateText(out, task.state)}  ${taskRunText(task.name, task.index)}`);
    const goesOn = state === "running" || state === "queued";
    out.line(
      `${stateText(out, state)}  ${runId}${goesOn ? "  (it goes on with whoever works on the store, or: tutti resume)" : ""}`,
    );
  }
  return STATUS.succeeded;
}
