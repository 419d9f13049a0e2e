import type { RunExplanation } from "../../core/explanation.ts";
import type { AnyConfig } from "../../owner/any-place.ts";
import { nextFire } from "../../owner/next-fire.ts";
import { explainAnywhere } from "../../owner/open-work.ts";
import type { StoreView } from "../../store/store-view.ts";
import { type CommandContext, defineCommand, JSON_ARG } from "../command.ts";
import { configOf } from "../config-of.ts";
import { STATUS } from "../exit-status.ts";
import type { Output } from "../output/output.ts";
import { reasonText } from "../output/reason-text.ts";
import { stateText } from "../output/state-mark.ts";
import { isoText, taskRunText, timeText } from "../output/time-text.ts";
import { viewing } from "../reading.ts";
import { UsageError } from "../usage-error.ts";

export const why = defineCommand({
  name: "why",
  description: "Say why a run or a task of it has not started or not ended, or why it failed",
  args: {
    run: {
      type: "positional",
      description: "A run's id, or the beginning of it; or a workflow's name",
      required: true,
    },
    task: { type: "positional", description: "Only this task", required: false },
    index: { type: "string", description: "Of a mapped task, only this element", valueHint: "0" },
    json: { ...JSON_ARG, description: "Print the reasons as data" },
  },
  examples: [
    ["tutti why 01kb3", "what the run waits for, or what failed in it"],
    ["tutti why 01kb3 load", "what the task waits for: who holds what it wants, and how many come before it"],
    ["tutti why retail", "why no run of the workflow has been started, and what its last one waits for or failed with"],
  ],
  async run(args, context: CommandContext) {
    const { out } = context;
    const config = await configOf(context);
    if (args.index !== undefined && !/^\d+$/.test(args.index))
      throw new UsageError(`"${args.index}" is no place of an element: they are 0, 1, 2 …`);
    return viewing(config, async (reader) => {
      const found = await runOrWorkflow(reader, args.run);
      if (found.workflow !== null) {
        const last = await explainLast(config, reader, found.workflow);
        await explainWorkflow(reader, found.workflow, { last, json: args.json === true }, out);
        return STATUS.succeeded;
      }
      const explanation = await explainAnywhere(config, found.runId, {
        ...(args.task !== undefined && { task: args.task }),
        ...(args.index !== undefined && { index: Number(args.index) }),
      });
      if (args.json) out.json(explanation);
      else print(explanation, out);
      return STATUS.succeeded;
    });
  },
});

/** Of its last run, where that has not ended or has failed; `null`: there is nothing to say about it. */
async function explainLast(config: AnyConfig, reader: StoreView, workflow: string): Promise<RunExplanation | null> {
  const { lastRun = null } = (await reader.listWorkflows()).find(({ name }) => name === workflow) ?? {};
  return lastRun === null || lastRun.state === "succeeded" ? null : explainAnywhere(config, lastRun.id, {});
}

async function runOrWorkflow(
  reader: StoreView,
  text: string,
): Promise<{ readonly runId: string; readonly workflow: null } | { readonly runId: null; readonly workflow: string }> {
  try {
    return { runId: await reader.findRun(text), workflow: null };
  } catch (error) {
    if ((error as { code?: string }).code !== "RUN_NOT_FOUND") throw error;
    if ((await reader.listWorkflows()).some(({ name }) => name === text)) return { runId: null, workflow: text };
    throw error;
  }
}

function print({ runId, workflow, state, reasons, tasks, more }: RunExplanation, out: Output): void {
  out.line(`${stateText(out, state)}  ${out.style("bold", workflow)}  ${runId}`);
  for (const reason of reasons) out.line(`  ${reasonText(reason, runId)}`);
  for (const { task, mapIndex, state: its, reasons: why } of tasks) {
    out.line(`${stateText(out, its)}  ${out.style("bold", taskRunText(task, mapIndex))}`);
    for (const reason of why) out.line(`  ${reasonText(reason, runId)}`);
  }
  if (more > 0) out.line(out.style("dim", `and ${more} more; name a task to see its own`));
  if (reasons.length === 0 && tasks.length === 0) out.line("  Nothing holds it up, and nothing in it failed.");
}

/** Why no run of it begins, and what its last one is at or failed with. */
async function explainWorkflow(
  reader: StoreView,
  workflow: string,
  { last, json }: { readonly last: RunExplanation | null; readonly json: boolean },
  out: Output,
): Promise<void> {
  const { paused = null, retired = false } = (await reader.listWorkflows()).find(({ name }) => name === workflow) ?? {};
  const version = await reader.latestVersion(workflow);
  const records = await reader.listSchedules([workflow]);
  const scheduled = (version?.manifest.schedules.length ?? 0) > 0;
  const next = version === null || !scheduled ? null : nextFire(version.manifest, records);
  const held = records.reduce((sum, record) => sum + record.held, 0);
  if (json)
    out.json({
      workflow,
      paused: paused && { by: paused.by, at: isoText(paused.at) },
      retired,
      scheduled,
      next: isoText(next),
      held,
      lastRun: last,
    });
  else if (paused !== null)
    out.line(
      `Workflow "${workflow}" has been paused since ${timeText(paused.at)}, by ${paused.by}. It goes on with: tutti unpause ${workflow}`,
    );
  else if (retired)
    out.line(`Workflow "${workflow}" was no part of the last deployment: nothing starts it by itself any more.`);
  else if (!scheduled) out.line(`Workflow "${workflow}" has no schedule. Start a run: tutti run ${workflow}`);
  else if (next === null) out.line(`The schedules of workflow "${workflow}" have no window to come.`);
  else out.line(`The next window of workflow "${workflow}" has not closed yet: its run starts at ${timeText(next)}.`);
  if (!json && held > 0)
    out.line(
      `${held} recorded ${held === 1 ? "run waits" : "runs wait"} for ${held === 1 ? "its" : "their"} turn: tutti runs --workflow ${workflow}`,
    );
  if (json || last === null) return;
  out.line("");
  out.line(last.state === "queued" || last.state === "running" ? "Its last run goes on:" : "Its last run:");
  print(last, out);
}
