import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { runQuery, someRunsQuery, type TaskRun, taskRunsQuery } from "../../api/runs.ts";
import { versionDiffQuery, workflowQuery } from "../../api/workflows.ts";
import { differencesOf } from "../../compare/differences.ts";
import { Button } from "../../components/button.tsx";
import { CommandStrip, commandLine } from "../../components/command-strip.tsx";
import { DifferenceTable } from "../../components/difference-table.tsx";
import { Section } from "../../components/section.tsx";
import { shortName } from "../../words/short-name.ts";
import { keyOf } from "../../waterfall/rows.ts";
import { RetryPanel } from "../run/retry-panel.tsx";
import type { ShownRun } from "../run/use-run.ts";
import { answerOf } from "./answer.ts";
import { ErrorSection } from "./error-section.tsx";
import { StoppedSection } from "./stopped-section.tsx";
import { runFor } from "../../words/run-for.ts";

/** The answer, what to press, the error, what differs from the last success, and what it stopped. */
export function WhyFailed(shown: ShownRun & { readonly rootCause: TaskRun }) {
  const { run, rootCause, taskRuns } = shown;
  const navigate = useNavigate();
  const [retrying, setRetrying] = useState(false);
  const { data: [lastGood] = [] } = useQuery(
    someRunsQuery({ workflow: run.workflow, state: "succeeded", to: run.createdAt }, 2),
  );
  const { data: good } = useQuery({ ...runQuery(lastGood?.id ?? ""), enabled: lastGood !== undefined });
  const { data: goodTasks } = useQuery({ ...taskRunsQuery(lastGood?.id ?? ""), enabled: lastGood !== undefined });
  const { data: workflow } = useQuery(workflowQuery(run.workflow));
  const isNewCode = good !== undefined && good !== null && good.version !== run.version;
  const { data: diff } = useQuery({
    ...versionDiffQuery(run.workflow, run.version, good?.version),
    enabled: isNewCode,
  });
  const differences =
    good !== undefined && good !== null && goodTasks !== undefined
      ? differencesOf({ run: good, taskRuns: goodTasks }, { run, taskRuns })
      : null;
  const hasNewer = workflow !== undefined && workflow.version !== run.version;
  const toLog = (): void =>
    void navigate({
      to: "/runs/$run",
      params: { run: run.id },
      search: { task: rootCause.task, map: rootCause.mapIndex ?? undefined, level: "error" },
    });
  return (
    <div className="why">
      <p className="kick">
        Why did{" "}
        <Link to="/runs/$run" params={{ run: run.id }}>
          <b>
            {run.workflow} {runFor(run)}
          </b>
        </Link>{" "}
        fail?
      </p>
      <h1 className="answer">{answerOf({ run, rootCause, differences, diff: diff?.diff ?? null })}</h1>
      <div className="press">
        <Button go shortcut="r" onPress={() => setRetrying(!retrying)}>
          Retry from {shortName(rootCause.task)}…
        </Button>
        <Button onPress={toLog}>Open the log at the error</Button>
        {lastGood !== undefined && (
          <Button onPress={() => void navigate({ to: "/compare", search: { a: lastGood.id, b: run.id } })}>
            Compare with {runFor(lastGood)}
          </Button>
        )}
        <p className="dim">
          {hasNewer ? "There is newer code than this run's: a retry can take it. " : ""}
          {rootCause.attempt > 1
            ? `${rootCause.attempt} attempts ended the same way: the same code is likely to meet it again.`
            : ""}
        </p>
      </div>
      {retrying && (
        <RetryPanel run={run} rootCause={rootCause} taskRuns={taskRuns} onClose={() => setRetrying(false)} />
      )}
      <ErrorSection run={run} rootCause={rootCause} attempts={shown.attempts} />
      <Section
        name="What differs"
        note={lastGood === undefined ? "it has never ended well before" : `from the last success, ${runFor(lastGood)}`}
      >
        {differences === null ? (
          <p className="dim">{lastGood === undefined ? "There is no run to compare with." : "…"}</p>
        ) : (
          <DifferenceTable
            before={`${runFor(good!)}, succeeded`}
            after={`${runFor(run)}, failed`}
            differences={differences}
            all={false}
          />
        )}
      </Section>
      <StoppedSection shown={shown} />
      <CommandStrip cli={commandLine("tutti", "logs", run.id, keyOf(rootCause))} />
    </div>
  );
}
