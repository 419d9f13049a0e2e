import { type Mark, MARKS } from "../../core/control.ts";
import { isHere } from "../../owner/any-place.ts";
import { asUser } from "../as-user.ts";
import { configOf } from "../config-of.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { controlled, INDEX_ARG, indexOf } from "../controlled.ts";
import { viewing } from "../reading.ts";
import { UsageError } from "../usage-error.ts";

export const mark = defineCommand({
  name: "mark",
  description:
    "Let a task count as succeeded, failed or skipped, whatever became of it; what never ran because of it goes on",
  args: {
    run: { type: "positional", description: "A run's id, or the beginning of it", required: true },
    task: { type: "positional", description: "The task", required: true },
    state: { type: "positional", description: MARKS.join(", "), required: true },
    index: INDEX_ARG,
    reason: { type: "string", description: "Why, as everybody reads it", valueHint: "text" },
    json: JSON_ARG,
  },
  examples: [
    [
      "tutti mark 01kb3 load succeeded --reason 'loaded by hand'",
      "what needs it runs now, with undefined for its value",
    ],
    ["tutti mark 01kb3 audit skipped --index 7", "one element of a mapped task"],
  ],
  async run(args, context) {
    const { typed, out } = context;
    if (!(MARKS as readonly string[]).includes(args.state))
      throw new UsageError(`"${args.state}" is no state to mark a task with. There are: ${MARKS.join(", ")}.`);
    const config = await configOf(context);
    const runId = await viewing(config, (view) => view.findRun(args.run));
    const by = `marked as ${args.state} by ${asUser(typed, out).actor}`;
    const said = args.reason === undefined ? by : `${by}: ${args.reason}`;
    // Who it is by, a server says itself.
    const reason = isHere(config) ? said : (args.reason ?? "");
    return controlled(
      config,
      runId,
      { kind: "mark_task", task: args.task, as: args.state as Mark, reason, ...indexOf(args.index) },
      context,
      args.json,
    );
  },
});
