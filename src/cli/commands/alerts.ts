import { ALERT_STATES, type AlertState } from "../../core/alert-plan.ts";
import type { TuttiError } from "../../core/errors.ts";
import type { AlertView } from "../../store/store-view.ts";
import { type CommandContext, defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { printTable } from "../output/table.ts";
import { isoText, timeText } from "../output/time-text.ts";
import { configOf } from "../config-of.ts";
import { viewing } from "../reading.ts";
import { UsageError } from "../usage-error.ts";
import { retryAlert } from "./alerts-retry.ts";
import { testAlerts } from "./alerts-test.ts";

const MOST = 10_000;

export const alerts = defineCommand({
  name: "alerts",
  description: "List what people were told, and what could not be told; test receivers; try again what failed",
  args: {
    action: { type: "positional", description: "test or retry. Default: list", required: false },
    target: {
      type: "positional",
      description: "of test, a receiver's name; of retry, an alert's number",
      required: false,
    },
    state: { type: "string", description: `Only those: ${ALERT_STATES.join(", ")}`, valueHint: "state" },
    limit: { type: "string", description: "How many. Default: 20", valueHint: "n" },
    json: JSON_ARG,
  },
  examples: [
    ["tutti alerts", "the last 20, with their state, tries and error"],
    ["tutti alerts --state failed", "whom nobody could tell"],
    ["tutti alerts test", "tells every receiver of the configuration, once"],
    ['tutti alerts test "slack #data-alerts"', "also one that a workflow names"],
    ["tutti alerts retry 17", "one that has failed, from the beginning"],
  ],
  async run(args, context) {
    if (args.action === "test") return testAlerts(args.target, args.json === true, context);
    if (args.action === "retry") return retryAlert(args.target, args.json === true, context);
    if (args.action !== undefined)
      throw new UsageError(`"tutti alerts" can "test" and "retry", not "${args.action}". Run: tutti alerts --help`);
    return list(args.state, readLimit(args.limit), args.json === true, context);
  },
});

async function list(state: string | undefined, limit: number, json: boolean, context: CommandContext): Promise<number> {
  const { out } = context;
  const config = await configOf(context);
  const query = { limit, ...(state !== undefined && { states: [readState(state)] }) };
  const found = await viewing(config, (reader) => reader.listAlerts(query)).catch((error: TuttiError) => {
    // Nothing has run in this project yet.
    if (config.store.kind === "sqlite" && error.code === "STORE_NOT_FOUND") return [];
    throw error;
  });
  if (json) out.json(found.map(documentOf));
  else if (found.length === 0) out.line("Nobody was told anything yet.");
  else
    printTable(out, found, [
      { head: "alert", cell: ({ id }) => String(id), align: "right" },
      { head: "at", cell: ({ at }) => timeText(at) },
      { head: "about", cell: (alert) => out.style("bold", aboutText(alert)) },
      { head: "receiver", cell: ({ receiver }) => receiver },
      { head: "state", cell: ({ state: is }) => out.style(COLORS[is], is) },
      { head: "tries", cell: ({ tries }) => String(tries), align: "right" },
      { head: "error", cell: ({ lastError }) => lastError?.message.split("\n")[0]?.slice(0, 80) ?? "" },
    ]);
  return STATUS.succeeded;
}

const COLORS = { waiting: "dim", trying: "yellow", delivered: "green", failed: "red" } as const;

function aboutText({ event, workflow, task, count, error }: AlertView): string {
  const what = [workflow, task].filter((part) => part !== null).join(" / ") || (error?.code ?? "tutti");
  return `${what} ${event}${count > 1 ? ` (${count})` : ""}`;
}

function readState(state: string): AlertState {
  const found = ALERT_STATES.find((known) => known === state);
  if (found === undefined) throw new UsageError(`"--state ${state}" must be one of ${ALERT_STATES.join(", ")}.`);
  return found;
}

function readLimit(text = "20"): number {
  const limit = /^\d+$/.test(text) ? Number(text) : NaN;
  if (limit >= 1 && limit <= MOST) return limit;
  throw new UsageError(`"--limit ${text}" must be a whole number from 1 to ${MOST}.`);
}

const documentOf = (alert: AlertView): object => ({
  id: alert.id,
  at: isoText(alert.at),
  event: alert.event,
  workflow: alert.workflow,
  task: alert.task,
  runId: alert.runId,
  count: alert.count,
  receiver: alert.receiver,
  state: alert.state,
  tries: alert.tries,
  dueAt: alert.state === "waiting" || alert.state === "trying" ? isoText(alert.dueAt) : null,
  deliveredAt: isoText(alert.deliveredAt),
  error: alert.error,
  lastError: alert.lastError,
  undelivered: alert.undelivered,
});
