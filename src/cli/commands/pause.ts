import type { AnyConfig } from "../../owner/any-place.ts";
import { osUser } from "../../owner/os-user.ts";
import { openWork } from "../../owner/open-work.ts";
import type { PauseState } from "../../store/schedules.ts";
import { asUser } from "../as-user.ts";
import { type CommandContext, defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { workflowNotRegistered } from "../output/not-registered.ts";
import { isoText, timeText } from "../output/time-text.ts";
import { configOf } from "../config-of.ts";
import { viewing } from "../reading.ts";

const WORKFLOW = { type: "positional", description: "Its name", required: true } as const;

export const pause = defineCommand({
  name: "pause",
  description: "Let the schedules of a workflow start nothing until it is unpaused; runs that have begun go on",
  args: { workflow: WORKFLOW, json: JSON_ARG },
  examples: [["tutti pause retail", "runs by hand can still be started"]],
  run: (args, context) => setPaused(args.workflow, osUser(), args.json === true, context),
});

export const unpause = defineCommand({
  name: "unpause",
  description: "Let the schedules of a workflow start runs again, beginning with the next window",
  args: { workflow: WORKFLOW, json: JSON_ARG },
  examples: [["tutti unpause retail", "with catchup, what was due meanwhile is made good; without, it is passed over"]],
  run: (args, context) => setPaused(args.workflow, null, args.json === true, context),
});

async function setPaused(workflow: string, by: string | null, json: boolean, context: CommandContext): Promise<number> {
  const { typed, out } = context;
  const config = await configOf(context);
  await refuseUnknown(config, workflow);
  const session = await openWork({ ...asUser(typed, out), config, serves: false });
  let state: PauseState | null;
  try {
    state = await session.setPaused(workflow, by);
  } finally {
    await session.close(0);
  }
  if (state === null) throw workflowNotRegistered(workflow, []);
  if (json)
    out.json({
      workflow,
      paused: state.pausedAt !== null,
      pausedAt: isoText(state.pausedAt),
      pausedBy: state.pausedAt === null ? null : state.pausedBy,
      changed: !state.unchanged,
    });
  else out.line(sentence(workflow, state));
  return STATUS.succeeded;
}

function sentence(workflow: string, { pausedAt, pausedBy, unchanged }: PauseState): string {
  const name = `Workflow "${workflow}"`;
  if (pausedAt === null) return unchanged ? `${name} is not paused.` : `${name} goes on with its next window.`;
  return unchanged
    ? `${name} has been paused since ${timeText(pausedAt)}, by ${pausedBy}.`
    : `${name} is paused: its schedules start nothing until you run: tutti unpause ${workflow}`;
}

/** Asked first, so that a store that is not there is not made. */
async function refuseUnknown(config: AnyConfig, workflow: string): Promise<void> {
  const names = await viewing(config, (reader) => reader.listWorkflows()).then(
    (workflows) => workflows.filter(({ deployed }) => deployed).map(({ name }) => name),
    (error: { code?: string }): string[] => {
      if (error.code === "STORE_NOT_FOUND" && config.store.kind === "sqlite") return [];
      throw error;
    },
  );
  if (!names.includes(workflow)) throw workflowNotRegistered(workflow, names);
}
