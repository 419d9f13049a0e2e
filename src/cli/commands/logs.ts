import { didYouMean } from "../../authoring/nearest.ts";
import { TuttiError } from "../../core/errors.ts";
import { isEndedRun } from "../../core/run-state.ts";
import { LogReader } from "../../engine/logs/log-reader.ts";
import { type Config, loadConfig } from "../../loader/config.ts";
import type { RunDetail, StoreReader } from "../../store/reader.ts";
import { whoOwns } from "../../store/sqlite/owner-lock.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { Interrupts } from "../interrupts.ts";
import { LogLines } from "../output/log-lines.ts";
import type { Output } from "../output/output.ts";
import { reading } from "../reading.ts";
import { UsageError } from "../usage-error.ts";

/** How often a followed run is looked at for its end. */
const LOOK_EVERY_MS = 250;

export const logs = defineCommand({
  name: "logs",
  description: "Show what the tasks of a run wrote",
  args: {
    run: { type: "positional", description: "Its id, or the beginning of it", required: true },
    task: {
      type: "positional",
      description: `Only this task; "name[3]" for one element of a mapped one`,
      required: false,
    },
    follow: { type: "boolean", alias: "f", description: "Go on until the run ends" },
    attempt: { type: "string", description: "Only this attempt of the task", valueHint: "number" },
    json: { ...JSON_ARG, description: "Print each line as a JSON document" },
  },
  examples: [
    ["tutti logs 01kb3", "all lines of a run, in the order of time"],
    ["tutti logs 01kb3 extract --attempt 2", "what one attempt wrote"],
    ["tutti logs 01kb3 -f", "while it runs; Ctrl-C only stops following"],
  ],
  async run(args, { cwd, out }) {
    const config = await loadConfig({ cwd });
    return reading(config, async (reader) => {
      const runId = await reader.findRun(args.run);
      const detail = (await reader.runDetail(runId, { outputs: false }))!;
      const task = args.task === undefined ? null : taskOf(args.task, detail);
      const attempt = args.attempt === undefined ? null : attemptOf(args.attempt, task !== null);
      const lines = new LogLines(reader, runId, { task, attempt }, out, args.json === true);
      const logReader = new LogReader(config.stateDir);
      if (args.follow) return follow(logReader, reader, runId, lines, config, out);
      await lines.print(await logReader.read(runId));
      if (lines.printed === 0 && !args.json) out.note(nothingText(detail, args.task));
      return STATUS.succeeded;
    });
  },
});

async function follow(
  logReader: LogReader,
  reader: StoreReader,
  runId: string,
  lines: LogLines,
  config: Config,
  out: Output,
): Promise<number> {
  const end = new AbortController();
  const interrupts = new Interrupts(() => end.abort());
  if (!(await hasEnded(reader, runId)) && whoOwns(config.storePath) === null)
    out.note(`No process goes on with this run. To go on: tutti resume ${runId}`);
  const timer = setInterval(() => {
    // What was written before the end is in the files by then.
    void hasEnded(reader, runId).then((ended) => ended && end.abort());
  }, LOOK_EVERY_MS);
  try {
    for await (const line of logReader.follow(runId, { signal: end.signal, everyMs: 100 })) await lines.print([line]);
  } finally {
    clearInterval(timer);
  }
  return interrupts.status ?? STATUS.succeeded;
}

/** The list of runs that begins with this one: cheaper than the run with its task runs. */
async function hasEnded(reader: StoreReader, runId: string): Promise<boolean> {
  const [found] = await reader.listRuns({ limit: 1, before: `${runId}~` });
  return found === undefined || found.id !== runId || isEndedRun(found.state);
}

function taskOf(text: string, { version, taskRuns, run }: RunDetail): { name: string; mapIndex: number | null } {
  const [, name = text, index] = /^(.+?)(?:\[(\d+)\])?$/.exec(text) ?? [];
  const names = new Set([...version.manifest.tasks.map((task) => task.name), ...taskRuns.map(({ task }) => task)]);
  if (!names.has(name))
    throw new TuttiError(
      "TASK_NOT_FOUND",
      `Run "${run.id}" has no task "${name}".${didYouMean(name, names)} Its tasks: ${[...names].slice(0, 20).join(", ")}.`,
    );
  return { name, mapIndex: index === undefined ? null : Number(index) };
}

function attemptOf(text: string, hasTask: boolean): number {
  if (!hasTask) throw new UsageError("--attempt needs a task: tutti logs <run> <task> --attempt 2");
  const attempt = Number(text);
  if (!Number.isSafeInteger(attempt) || attempt < 1)
    throw new UsageError(`"${text}" is no attempt. They are counted from 1.`);
  return attempt;
}

const nothingText = ({ run }: RunDetail, task: string | undefined): string =>
  `${task === undefined ? `Run ${run.id}` : `Task "${task}"`} wrote nothing${isEndedRun(run.state) ? "" : " yet"}.`;
