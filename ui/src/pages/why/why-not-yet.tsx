import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { RunDetail } from "../../api/runs.ts";
import { processesQuery } from "../../api/server.ts";
import { whyQuery } from "../../api/why.ts";
import { workflowQuery } from "../../api/workflows.ts";
import { Button } from "../../components/button.tsx";
import { CommandStrip, commandLine, curlText } from "../../components/command-strip.tsx";
import { Section } from "../../components/section.tsx";
import { useNow } from "../../components/now.ts";
import { reasonLine } from "../../why/reason-line.ts";
import { durationText } from "../../words/duration-text.ts";
import { count } from "../../words/count-text.ts";
import { ConditionRow, ReasonRow } from "./reason-rows.tsx";
import { conditionsOf } from "./conditions.ts";
import { runFor } from "../../words/run-for.ts";

interface WhyNotYetProps {
  readonly run: RunDetail;
  /** Only this task, or this element of it. */
  readonly task: string | undefined;
  readonly mapIndex: number | undefined;
}

/** What it waits for, as the engine itself says: every condition, who holds what it wants, its place in line. */
export function WhyNotYet({ run, task, mapIndex }: WhyNotYetProps) {
  const navigate = useNavigate();
  const { data: processes } = useQuery(processesQuery);
  const { data: workflow } = useQuery(workflowQuery(run.workflow));
  const { data: why, error } = useQuery(whyQuery(run.id, task, mapIndex));
  const now = useNow();
  if (error !== null && why === undefined) throw error;
  if (processes === undefined || workflow === undefined || why === undefined) return null;
  const conditions = conditionsOf(processes, workflow.manifest);
  const own = why.reasons.map(reasonLine);
  const tasks = why.tasks.map((each) => ({ ...each, lines: each.reasons.map(reasonLine) }));
  const all = [...own, ...tasks.flatMap(({ lines }) => lines)];
  const worst = all.find(({ met }) => met === "no") ?? all.find(({ met }) => met === "wait");
  const over = run.endedAt !== null;
  const what = task === undefined ? null : mapIndex === undefined ? task : `${task}[${mapIndex}]`;
  const press = worst?.to === "/approvals" ? "Answer" : worst?.to === "/ops" ? "Look at Ops" : null;
  return (
    <div className="why">
      <p className="kick">
        {over ? "Why did " : run.state === "queued" ? "Why has " : "Why is "}
        {what !== null && <>{what} of </>}
        <Link to="/runs/$run" params={{ run: run.id }} search={{ task }}>
          <b>
            {run.workflow} {runFor(run)}
          </b>
        </Link>{" "}
        {over ? "come to that?" : run.state === "queued" ? "not started?" : "not done?"}
      </p>
      <h1 className="answer">{answerOf(worst?.answer, over, all[0]?.text, run.state === "queued")}</h1>
      <p className="dim">
        Created {durationText(now - Date.parse(run.createdAt))} ago.
        {!over && worst !== undefined && " It goes on by itself when every line below is met."}
      </p>
      {press !== null && (
        <div className="press">
          <Button go onPress={() => void navigate({ to: worst!.to! })}>
            {press}
          </Button>
        </div>
      )}
      <Section
        name="The run"
        note={`${conditions.filter(({ met }) => met === "yes").length} of ${conditions.length + own.length} met`}
      >
        <table className="conds">
          <tbody>
            {own.map((line, at) => (
              <ReasonRow key={at} line={line} />
            ))}
            {conditions.map((condition) => (
              <ConditionRow key={condition.name} condition={condition} />
            ))}
          </tbody>
        </table>
      </Section>
      {tasks.map((each) => (
        <Section
          key={`${each.task} ${each.mapIndex}`}
          name={each.mapIndex === null ? each.task : `${each.task}[${each.mapIndex}]`}
          note={each.state}
        >
          <table className="conds">
            <tbody>
              {each.lines.map((line, at) => (
                <ReasonRow key={at} line={line} />
              ))}
            </tbody>
          </table>
        </Section>
      ))}
      {why.more > 0 && <p className="dim">and {count(why.more, "more task run")} that wait</p>}
      <CommandStrip
        cli={commandLine(
          "tutti",
          "why",
          run.id,
          ...(task === undefined ? [] : [task]),
          ...(mapIndex === undefined ? [] : ["--index", String(mapIndex)]),
        )}
        curl={curlText(
          "GET",
          `/api/runs/${run.id}/why${task === undefined ? "" : `?task=${encodeURIComponent(task)}`}`,
        )}
      />
    </div>
  );
}

function answerOf(waits: string | undefined, over: boolean, first: string | undefined, queued: boolean): string {
  if (over) return first ?? "Nothing held it up.";
  if (waits !== undefined) return `It waits: ${waits}.`;
  return queued ? "Nothing is in its way: it starts now." : "It is at work.";
}
