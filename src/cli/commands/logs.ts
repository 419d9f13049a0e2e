import { existsSync } from "node:fs";
import { join } from "node:path";
import { didYouMean } from "../../authoring/nearest.ts";
import { TuttiError } from "../../core/errors.ts";
import { isEndedRun } from "../../core/run-state.ts";
import { type AnyConfig, isHere } from "../../owner/any-place.ts";
import { openLogs } from "../../owner/open-work.ts";
import type { LinesOf, LogView } from "../../owner/remote/server-logs.ts";
import { goOnWith, leftBehind } from "../../owner/left-behind.ts";
import type { RunView, StoreView } from "../../store/store-view.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { Interrupts } from "../interrupts.ts";
import { LogLines } from "../output/log-lines.ts";
import type { Output } from "../output/output.ts";
import { configOf } from "../config-of.ts";
import { viewing } from "../reading.ts";
import { UsageError } from "../usage-error.ts";

/** How often a followed run is looked at for its end. */
const LOOK_EVERY_MS = 250;
/** As the API takes it. */
const LONGEST_WORDS = 200;

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
    grep: { type: "string", description: "Only lines that hold this text, whatever its case", valueHint: "text" },
    json: { ...JSON_ARG, description: "Print each line as a JSON document" },
  },
  examples: [
    ["tutti logs 01kb3", "all lines of a run, in the order of time"],
    ["tutti logs 01kb3 extract --attempt 2", "what one attempt wrote"],
    [`tutti logs 01kb3 --grep "timed out"`, "lines of all tasks that hold these words"],
    ["tutti logs 01kb3 -f", "while it runs; Ctrl-C only stops following"],
  ],
  async run(args, context) {
    const { out } = context;
    const config = await configOf(context);
    return viewing(config, async (reader) => {
      const runId = await reader.findRun(args.run);
      const detail = (await reader.runDetail(runId, { outputs: false }))!;
      const task = args.task === undefined ? null : taskOf(args.task, detail);
      const attempt = args.attempt === undefined ? null : attemptOf(args.attempt, task !== null);
      const lines = new LogLines(reader, runId, { task, attempt }, out, args.json === true);
      const logReader = await openLogs(config);
      const text = args.grep === undefined ? {} : { text: wordsOf(args.grep) };
      if (args.follow) return follow(logReader, reader, runId, text, lines, config, out);
      const taskRuns = task === null ? {} : { taskRuns: new Set(taskRunsOf(task, detail)) };
      for await (const line of logReader.lines(runId, { ...taskRuns, ...text })) await lines.print([line]);
      if (lines.printed === 0 && !args.json) out.note(nothingText(detail, args.task, args.grep, config));
      return STATUS.succeeded;
    });
  },
});

async function follow(
  logReader: LogView,
  reader: StoreView,
  runId: string,
  of: LinesOf,
  lines: LogLines,
  config: AnyConfig,
  out: Output,
): Promise<number> {
  const end = new AbortController();
  const interrupts = new Interrupts(() => end.abort());
  if (!(await hasEnded(reader, runId)) && (await leftBehind(config.store, reader, [runId])).has(runId))
    out.note(`No process goes on with this run. To go on: ${goOnWith(config.store, runId)}`);
  const timer = setInterval(() => {
    // What was written before the end is in the files by then.
    void hasEnded(reader, runId).then((ended) => ended && end.abort());
  }, LOOK_EVERY_MS);
  try {
    const options = { ...of, signal: end.signal, everyMs: 100 };
    for await (const line of logReader.follow(runId, options)) await lines.print([line]);
  } finally {
    clearInterval(timer);
  }
  return interrupts.status ?? STATUS.succeeded;
}

async function hasEnded(reader: StoreView, runId: string): Promise<boolean> {
  const head = await reader.runHead(runId);
  return head === null || isEndedRun(head.run.state);
}

function taskOf(text: string, { version, taskRuns, run }: RunView): { name: string; mapIndex: number | null } {
  const [, name = text, index] = /^(.+?)(?:\[(\d+)\])?$/.exec(text) ?? [];
  const names = new Set([...version.manifest.tasks.map((task) => task.name), ...taskRuns.map(({ task }) => task)]);
  if (!names.has(name))
    throw new TuttiError(
      "TASK_NOT_FOUND",
      `Run "${run.id}" has no task "${name}".${didYouMean(name, names)} Its tasks: ${[...names].slice(0, 20).join(", ")}.`,
    );
  return { name, mapIndex: index === undefined ? null : Number(index) };
}

const taskRunsOf = (task: { name: string; mapIndex: number | null }, { taskRuns }: RunView): number[] =>
  taskRuns
    .filter((row) => row.task === task.name && (task.mapIndex === null || row.mapIndex === task.mapIndex))
    .map(({ id }) => id);

function wordsOf(text: string): string {
  if (text === "" || text.length > LONGEST_WORDS)
    throw new UsageError(
      `--grep needs a text of 1 to ${LONGEST_WORDS} characters: tutti logs <run> --grep "timed out"`,
    );
  return text;
}

function attemptOf(text: string, hasTask: boolean): number {
  if (!hasTask) throw new UsageError("--attempt needs a task: tutti logs <run> <task> --attempt 2");
  const attempt = Number(text);
  if (!Number.isSafeInteger(attempt) || attempt < 1)
    throw new UsageError(`"${text}" is no attempt. They are counted from 1.`);
  return attempt;
}

function nothingText({ run }: RunView, task: string | undefined, grep: string | undefined, config: AnyConfig): string {
  if (grep !== undefined)
    return `No line of ${task === undefined ? `run ${run.id}` : `task "${task}"`} holds "${grep}".`;
  const wrote = `${task === undefined ? `Run ${run.id}` : `Task "${task}"`} wrote nothing${isEndedRun(run.state) ? "" : " yet"}`;
  return !isHere(config) || config.store.kind === "sqlite" || existsSync(join(config.logsDir, run.id))
    ? `${wrote}.`
    : `${wrote}, or its workers write to another folder than "${config.logsDir}". They must share one: see "logs" in the configuration.`;
}
