import { loadConfig } from "../../loader/config.ts";
import { openSession } from "../../owner/open-session.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { stateText } from "../output/state-mark.ts";
import { reading } from "../reading.ts";

export const cancel = defineCommand({
  name: "cancel",
  description: "Stop a run: what waits is cancelled at once, running tasks are told to stop",
  args: {
    run: { type: "positional", description: "Its id, or the beginning of it", required: true },
    json: JSON_ARG,
  },
  examples: [["tutti cancel 01kb3", "it can be run again from there: tutti retry 01kb3"]],
  async run(args, { cwd, typed, out }) {
    const config = await loadConfig({ cwd });
    const runId = await reading(config, (reader) => reader.findRun(args.run));
    // Without an owner, this process is it for a moment and starts nothing.
    const session = await openSession({ config, command: typed, notice: (text) => out.note(text), serves: false });
    try {
      await session.cancel(runId);
    } finally {
      await session.close(0);
    }
    const detail = await reading(config, (reader) => reader.runDetail(runId, { outputs: false }));
    const state = detail?.run.state ?? "cancelled";
    const running = detail?.taskRuns.filter((row) => row.state === "running").length ?? 0;
    if (args.json) out.json({ run: { id: runId, state, cancelRequested: true, runningTasks: running } });
    else if (state === "cancelled") out.line(`${stateText(out, state)}  ${runId}`);
    else
      out.line(
        `Run ${runId} is being cancelled: ${running} running ${running === 1 ? "task was" : "tasks were"} told to stop.`,
      );
    return STATUS.succeeded;
  },
});
