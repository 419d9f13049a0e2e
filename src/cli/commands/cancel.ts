import type { TuttiError } from "../../core/errors.ts";
import type { AnyConfig } from "../../owner/any-place.ts";
import { openWork } from "../../owner/open-work.ts";
import { asUser } from "../as-user.ts";
import { configOf } from "../config-of.ts";
import { type CommandContext, defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { stateText } from "../output/state-mark.ts";
import { controlled, INDEX_ARG, indexOf } from "../controlled.ts";
import { viewing } from "../reading.ts";
import { chosenRuns, SELECT_ARG } from "../selected-runs.ts";
import { UsageError } from "../usage-error.ts";

export const cancel = defineCommand({
  name: "cancel",
  description: "Stop a run, or one task of it: what waits is cancelled at once, what runs is told to stop",
  args: {
    run: { type: "positional", description: "Its id, or the beginning of it", required: false },
    task: { type: "positional", description: "Only this task; the run goes on without it", required: false },
    index: INDEX_ARG,
    select: SELECT_ARG,
    json: JSON_ARG,
  },
  examples: [
    ["tutti cancel 01kb3", "it can be run again from there: tutti retry 01kb3"],
    ["tutti cancel 01kb3 load", "only that task: what needs it does not run"],
    ['tutti cancel --select "workflow:retail until:1h"', "all that go on"],
  ],
  async run(args, context) {
    const { run, select } = args;
    if ((run === undefined) === (select === undefined))
      throw new UsageError(`Say which: tutti cancel <run>, or tutti cancel --select "workflow:retail until:1h"`);
    const config = await configOf(context);
    const ids = await viewing(config, async (view) =>
      select === undefined
        ? [await view.findRun(run!)]
        : (await chosenRuns(select, ["queued", "running"], view)).map(({ id }) => id),
    );
    if (args.task !== undefined)
      return controlled(
        config,
        ids[0]!,
        { kind: "cancel_task", task: args.task, ...indexOf(args.index) },
        context,
        args.json,
      );
    const told = await cancelAll(config, ids, context, select !== undefined);
    if (args.json) context.out.json(select === undefined ? { run: told[0] } : { runs: told });
    else if (told.length === 0) context.out.line("There is no such run that goes on.");
    else for (const each of told) print(each, context);
    return told.every((each) => !("error" in each)) ? STATUS.succeeded : STATUS.failed;
  },
});

type Told =
  | { readonly id: string; readonly state: string; readonly cancelRequested: true; readonly runningTasks: number }
  | { readonly id: string; readonly error: { readonly code: string; readonly message: string } };

/** `patient`: one of several that can't be cancelled any more does not keep the others from it. */
async function cancelAll(
  config: AnyConfig,
  ids: readonly string[],
  { typed, out }: CommandContext,
  patient: boolean,
): Promise<readonly Told[]> {
  const refused = new Map<string, TuttiError>();
  // Without an owner, this process is it for a moment and starts nothing.
  const session = await openWork({ ...asUser(typed, out), config, serves: false });
  try {
    for (const id of ids)
      await session.cancel(id).catch((error: TuttiError) => {
        if (!patient) throw error;
        refused.set(id, error);
      });
  } finally {
    await session.close(0);
  }
  return viewing(config, (view) =>
    Promise.all(
      ids.map(async (id) => {
        const error = refused.get(id);
        if (error !== undefined) return { id, error: { code: error.code, message: error.message } };
        const head = await view.runHead(id);
        const runningTasks = head?.counts.running ?? 0;
        return { id, state: head?.run.state ?? "cancelled", cancelRequested: true as const, runningTasks };
      }),
    ),
  );
}

function print(told: Told, { out }: CommandContext): void {
  if ("error" in told) return out.note(`${told.error.message} [${told.error.code}]`);
  const { id, state, runningTasks } = told;
  if (state === "cancelled") return out.line(`${stateText(out, state)}  ${id}`);
  if (runningTasks === 0)
    return out.line(
      `Run ${id} is being cancelled: what it has set up is taken down first. Where nobody works on it: tutti resume ${id}`,
    );
  const tasks = runningTasks === 1 ? "task was" : "tasks were";
  out.line(`Run ${id} is being cancelled: ${runningTasks} running ${tasks} told to stop.`);
}
