import { useQuery } from "@tanstack/react-query";
import type { Attempt, RunDetail, TaskRun } from "../../api/runs.ts";
import { gridQuery } from "../../api/workflows.ts";
import { Moment } from "../../components/moment.tsx";
import { Section } from "../../components/section.tsx";
import { keyOf } from "../../waterfall/rows.ts";
import { count } from "../../words/count-text.ts";
import { ownFrames } from "../../words/own-frames.ts";

interface ErrorSectionProps {
  readonly run: RunDetail;
  readonly rootCause: TaskRun;
  readonly attempts: readonly Attempt[];
}

const RUNS = 50;

/** What went wrong, in its own words, and how often. */
export function ErrorSection({ run, rootCause, attempts }: ErrorSectionProps) {
  const { error } = rootCause;
  const frames = ownFrames(error?.stack);
  const own = attempts.filter(({ taskRunId, outcome }) => taskRunId === rootCause.id && outcome === "failed");
  const alike = own.every((each) => each.error?.message === error?.message);
  const { data: grid } = useQuery(gridQuery(run.workflow, RUNS));
  const column = grid?.tasks.indexOf(rootCause.task) ?? -1;
  const failedRuns =
    grid?.runs.filter(
      ({ cells }) => column !== -1 && grid.states[cells[column] as keyof typeof grid.states] === ("failed" as never),
    ) ?? [];
  return (
    <Section
      name="Root cause"
      note={`task ${keyOf(rootCause)}${own.length > 1 ? `, attempts 1 to ${own.length}${alike ? " alike" : ""}` : ""}`}
    >
      {error === null ? (
        <p className="dim">It told of no error.</p>
      ) : (
        <div className="error">
          <p>
            {error.name !== "Error" && `${error.name}: `}
            {error.message.split("\n")[0]}
          </p>
          {error.message.includes("\n") && <code>{error.message.split("\n").slice(1).join("\n")}</code>}
          {frames.length > 0 && <pre tabIndex={0}>{frames.join("\n")}</pre>}
          {error.code !== undefined && <code>{error.code}</code>}
        </div>
      )}
      <dl className="seen">
        <div>
          <dt>failed at</dt>
          <dd>
            {rootCause.endedAt === null ? "–" : <Moment at={rootCause.endedAt} as="seconds" zone={run.timezone} />}
          </dd>
        </div>
        <div>
          <dt>in the last {grid?.runs.length ?? 0} runs</dt>
          <dd>{count(failedRuns.length, "run")} failed here</dd>
        </div>
        <div>
          <dt>attempts</dt>
          <dd>{rootCause.attempt}</dd>
        </div>
        <div>
          <dt>worker</dt>
          <dd>{rootCause.worker ?? "–"}</dd>
        </div>
      </dl>
    </Section>
  );
}
