import type { ManifestDiff } from "../../../../src/core/manifest-diff.ts";
import type { RunDetail, TaskRun } from "../../api/runs.ts";
import type { Difference } from "../../compare/differences.ts";
import { keyOf } from "../../waterfall/rows.ts";

interface Facts {
  readonly run: Pick<RunDetail, "version">;
  readonly rootCause: TaskRun;
  /** From the last success; `null`: there is none, or it is not known yet. */
  readonly differences: readonly Difference[] | null;
  readonly diff: unknown;
}

/** The answer as a sentence, made of what is known and of nothing else. */
export function answerOf({ run, rootCause, differences, diff }: Facts): string {
  const failed = `${keyOf(rootCause)} failed.`;
  if (differences === null) return `${failed} ${attemptsText(rootCause)}`.trim();
  const marked = differences.filter((each) => each.marked);
  const code = marked.find(({ name }) => name === "code");
  if (code !== undefined) return `${failed} New in ${run.version.slice(0, 8)}: ${firstChange(diff)}.`;
  const param = marked.find(({ name }) => name.startsWith("param "));
  if (param !== undefined)
    return `${failed} ${param.name.slice("param ".length)} is ${param.after}, it was ${param.before}.`;
  return `${failed} Code and params are those of its last success.`;
}

const attemptsText = ({ attempt }: TaskRun): string => (attempt > 1 ? `${attempt} attempts ended badly.` : "");

function firstChange(diff: unknown): string {
  if (diff === null) return "its code";
  const { tasks, edges, fields } = diff as ManifestDiff;
  if (tasks.added.length > 0) return `task ${tasks.added[0]}`;
  if (tasks.removed.length > 0) return `task ${tasks.removed[0]} is gone`;
  if (tasks.changed.length > 0) return `${tasks.changed[0]!.name} has another ${tasks.changed[0]!.fields[0]}`;
  if (edges.added.length > 0) return `${edges.added[0]!.to} comes after ${edges.added[0]!.from}`;
  if (fields.length > 0) return `its ${fields[0]}`;
  return "the code of its tasks, not its graph";
}
