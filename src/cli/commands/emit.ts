import { systemClock } from "../../core/clock.ts";
import { readEvent, readPayload } from "../../core/event.ts";
import type { HeardEvent } from "../../engine/events/publisher.ts";
import { newRunId } from "../../engine/firing/engine-starter.ts";
import { openWork } from "../../owner/open-work.ts";
import { configOf } from "../config-of.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";

export const emit = defineCommand({
  name: "emit",
  description: "Say that something has happened: workflows that wait for it with onEvent start, and tasks go on",
  args: {
    event: { type: "positional", description: "Its name", required: true },
    data: { type: "string", description: "What it carries, as JSON", valueHint: "json" },
    key: {
      type: "string",
      description: "What tells it from a repetition: of events with one key, one starts a run",
      valueHint: "text",
    },
    json: JSON_ARG,
  },
  examples: [
    [`tutti emit orders.received --data '{"id": "o-17"}' --key o-17`, "said twice, it starts one run"],
    ["tutti emit refresh", "without a process that runs, what it starts waits for tutti start"],
  ],
  async run(args, context) {
    const { typed, out } = context;
    const name = args.event;
    const payload = args.data === undefined ? undefined : readPayload(args.data, "--data");
    const event = readEvent({ name, payload, ...(args.key !== undefined && { key: args.key }) });
    const config = await configOf(context);
    const session = await openWork({ config, command: typed, notice: (text) => out.note(text), serves: false });
    let heard: readonly HeardEvent[] | null;
    try {
      heard = await session.emit({ uid: `given ${newRunId(systemClock.now())}`, event });
    } finally {
      await session.close(0);
    }
    if (args.json === true) out.json({ event: event.name, key: event.key, heard });
    else if (heard === null) out.line(`Event "${event.name}" is left in the store for the process that owns it.`);
    else if (heard.length === 0) out.line(`Event "${event.name}" is recorded. Nothing waits for it.`);
    else for (const one of heard) out.line(sentence(event.name, one));
    return heard?.some(({ outcome }) => outcome === "refused") === true ? STATUS.failed : STATUS.succeeded;
  },
});

function sentence(event: string, { workflow, trigger, outcome, runId, error }: HeardEvent): string {
  const name = `Workflow "${workflow}"`;
  switch (outcome) {
    case "started":
      return `${name} starts: run ${runId}`;
    case "repeated":
      return `${name} has had this event${runId === null ? "" : `: run ${runId}`}.`;
    case "unmatched":
      return `${name} is not meant: trigger "${trigger}" matches other events.`;
    case "passed_over":
      return `${name} is paused, so it starts nothing. To let it: tutti unpause ${workflow}`;
    case "no_room":
      return `${name} has as many runs at work as it may, so it starts none.`;
    case "waiting":
      return `${name} waits for more than this.`;
    case "refused":
      return `${name} started no run for event "${event}": ${error?.message ?? ""}${error?.code === undefined ? "" : ` [${error.code}]`}`;
  }
}
