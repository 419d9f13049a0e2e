import { didYouMean } from "../../authoring/nearest.ts";
import { WEBHOOK_EVENTS } from "../../core/webhook-event.ts";
import { openWebhookDesk } from "../../owner/open-work.ts";
import type { WebhookDesk } from "../../owner/webhooks/webhook-desk.ts";
import type { WebhookRecord } from "../../store/webhooks.ts";
import { asUser } from "../as-user.ts";
import { type CommandContext, defineCommand, JSON_ARG } from "../command.ts";
import { configOf } from "../config-of.ts";
import { STATUS } from "../exit-status.ts";
import { printTable } from "../output/table.ts";
import { isoText, timeText } from "../output/time-text.ts";
import { UsageError } from "../usage-error.ts";

const ACTS = ["list", "add", "change", "test", "rm"] as const;
type Act = (typeof ACTS)[number];

export const webhooks = defineCommand({
  name: "webhooks",
  description: "Addresses outside that are told of what happens: signed, and tried again until they answer",
  args: {
    act: { type: "positional", description: ACTS.join(", "), required: false, default: "list" },
    which: { type: "positional", description: "Of add: its URL; of the others: its number", required: false },
    event: {
      type: "string",
      description: `Told of this; may stand several times: ${WEBHOOK_EVENTS.join(", ")}`,
      valueHint: "event",
    },
    workflow: {
      type: "string",
      description: "Only what runs of this workflow do; may stand several times; all of them: all",
      valueHint: "workflow",
    },
    secret: { type: "string", description: "Name of the secret that messages are signed with", valueHint: "name" },
    url: { type: "string", description: "Of change: its new URL", valueHint: "url" },
    name: { type: "string", description: "For people (default: its host)", valueHint: "text" },
    disable: { type: "boolean", description: "Of change: it is told nothing" },
    enable: { type: "boolean", description: "Of change: it is told again" },
    json: JSON_ARG,
  },
  repeatable: ["event", "workflow"],
  examples: [
    [
      "tutti webhooks add https://hooks.example.com/tutti --event run.failed --secret hook-key",
      "told of each run that fails, signed with the secret hook-key",
    ],
    ["tutti webhooks test 3", "sends a message of the type ping, and says what came of it"],
    ["tutti webhooks", "which there are, and how their messages do"],
    ["tutti webhooks change 3 --disable", "told nothing, until --enable"],
  ],
  async run({ act, which, url, secret, name, ...args }, context) {
    if (!(ACTS as readonly string[]).includes(act))
      throw new UsageError(`"tutti webhooks" can ${ACTS.join(", ")}, not "${act}".${didYouMean(act, ACTS)}`);
    if (args.enable === true && args.disable === true)
      throw new UsageError(`"--enable" and "--disable" are opposites.`);
    const asked: Asked = {
      act: act as Act,
      which,
      json: args.json === true,
      given: {
        ...(url !== undefined && { url }),
        ...(secret !== undefined && { secret }),
        ...(name !== undefined && { name }),
        ...(args.disable === true && { disabled: true }),
        ...(args.enable === true && { disabled: false }),
        ...eventsFrom(context.all("event")),
        ...workflowsFrom(context.all("workflow")),
      },
    };
    const { cwd, server, typed, out } = context;
    const desk = await openWebhookDesk({ ...asUser(typed, out), config: await configOf({ cwd, server }) });
    try {
      return await done(asked, desk, context);
    } finally {
      await desk.close();
    }
  },
});

interface Asked {
  readonly act: Act;
  readonly which: string | undefined;
  readonly given: Parameters<WebhookDesk["change"]>[1];
  readonly json: boolean;
}

const eventsFrom = (events: readonly string[]) => (events.length === 0 ? {} : { events });
const workflowsFrom = (names: readonly string[]) =>
  names.length === 0 ? {} : { workflows: names.length === 1 && names[0] === "all" ? null : names };

async function done(asked: Asked, desk: WebhookDesk, { out }: CommandContext): Promise<number> {
  const { act, which, given, json } = asked;
  if (act === "list") return list(await desk.list(), json, out);
  if (act === "add") {
    const { secret, events = [], ...rest } = given;
    if (which === undefined || secret === undefined || events.length === 0)
      throw new UsageError("Write: tutti webhooks add <url> --event run.failed --secret <name of a secret>");
    return say(await desk.add({ ...rest, url: which, secret, events }), "is told", json, out);
  }
  const id = idOf(act, which);
  if (act === "change") {
    if (Object.keys(given).length === 0)
      throw new UsageError(`Say what changes, as in: tutti webhooks change ${id} --disable`);
    return say(await desk.change(id, given), "is changed", json, out);
  }
  if (act === "rm") {
    await desk.remove(id);
    if (json) out.json({ id, removed: true });
    else out.line(`Webhook ${id} is removed.`);
    return STATUS.succeeded;
  }
  const { status, tookMs, error } = await desk.test(id);
  if (json) out.json({ id, status, tookMs, error });
  else
    out.line(
      error === null
        ? `${out.style("green", "told")} webhook ${id}: it answered ${status} after ${tookMs} ms`
        : `${out.style("red", "failed")} webhook ${id}: ${error.message}${error.code === undefined ? "" : ` [${error.code}]`}`,
    );
  return error === null ? STATUS.succeeded : STATUS.failed;
}

function idOf(act: Act, text: string | undefined): number {
  if (text !== undefined && /^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`"tutti webhooks ${act}" takes the number of a webhook, as "tutti webhooks" lists it.`);
}

function say(webhook: WebhookRecord, what: string, json: boolean, out: CommandContext["out"]): number {
  if (json) out.json(documentOf(webhook));
  else
    out.line(
      `Webhook ${webhook.id} "${webhook.name}" ${what}${what === "is told" ? ` of ${webhook.events.join(", ")}. To try it: tutti webhooks test ${webhook.id}` : "."}`,
    );
  return STATUS.succeeded;
}

function list(found: readonly WebhookRecord[], json: boolean, out: CommandContext["out"]): number {
  if (json) out.json(found.map(documentOf));
  else if (found.length === 0)
    out.line("No webhooks. To add one: tutti webhooks add <url> --event run.failed --secret <name>");
  else
    printTable(out, found, [
      { head: "webhook", cell: ({ id }) => String(id), align: "right" },
      { head: "name", cell: ({ name }) => out.style("bold", name) },
      { head: "url", cell: ({ url }) => url },
      { head: "events", cell: ({ events }) => events.join(", ") },
      { head: "workflows", cell: ({ workflows }) => workflows?.join(", ") ?? "all" },
      { head: "waiting", cell: ({ waiting }) => String(waiting), align: "right" },
      { head: "failed", cell: ({ failed }) => String(failed), align: "right" },
      { head: "last told", cell: ({ deliveredAt, disabled }) => (disabled ? "disabled" : timeText(deliveredAt)) },
      { head: "error", cell: ({ lastError }) => lastError?.message.split("\n")[0]?.slice(0, 80) ?? "" },
    ]);
  return STATUS.succeeded;
}

const documentOf = ({ createdAt, deliveredAt, ...webhook }: WebhookRecord): object => ({
  ...webhook,
  createdAt: isoText(createdAt),
  deliveredAt: isoText(deliveredAt),
});
