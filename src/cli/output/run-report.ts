import type { RunView } from "../../store/store-view.ts";
import { countsText } from "./counts-text.ts";
import type { Output } from "./output.ts";
import { stateText } from "./state-mark.ts";
import { failureText, userFrame } from "./task-failure.ts";
import { durationText, taskRunText } from "./time-text.ts";

/** Failures told in full; the others are counted. */
const FAILURES_TOLD = 5;

/** How a run ended: its failures with where they were thrown and where to read on, then one line. */
export function printRunReport({ run, counts, taskRuns }: RunView, root: string, out: Output): void {
  const failed = taskRuns.filter(({ state }) => state === "failed");
  for (const { task, mapIndex, error } of failed.slice(0, FAILURES_TOLD)) {
    if (error === null) continue;
    const name = taskRunText(task, mapIndex);
    const where = userFrame(error, root);
    const rest = error.message.split("\n").slice(1, 12);
    out.line();
    out.line(`${out.style("red", `Task "${name}" failed:`)} ${failureText(error)}`);
    for (const line of rest) out.line(`  ${line}`);
    if (where !== null) out.line(`  at ${where}`);
    out.line(out.style("dim", `  its log: tutti logs ${run.id} ${/[[\]]/.test(name) ? `"${name}"` : name}`));
  }
  if (failed.length > FAILURES_TOLD)
    out.line(`… and ${failed.length - FAILURES_TOLD} more failed: tutti logs ${run.id}`);
  if (failed.length > 0) out.line();
  out.line(
    `${stateText(out, run.state)} in ${durationText(run.startedAt, run.endedAt) || "0 ms"}: ${countsText(counts)}  ${out.style("dim", run.id)}`,
  );
  if (run.state === "failed" || run.state === "cancelled")
    out.line(out.style("dim", `  to go on from there: tutti retry ${run.id}`));
}
