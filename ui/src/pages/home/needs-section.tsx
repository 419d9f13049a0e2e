import { Link, useNavigate } from "@tanstack/react-router";
import type { News } from "../../api/overview.ts";
import { tutti } from "../../api/tutti.ts";
import { useAct } from "../../components/act.ts";
import { Button } from "../../components/button.tsx";
import { Mark } from "../../components/mark.tsx";
import { Moment } from "../../components/moment.tsx";
import { RunBars } from "../../components/run-bars.tsx";
import { Section } from "../../components/section.tsx";
import { failuresInARow } from "../../home/failures.ts";
import { durationText } from "../../words/duration-text.ts";
import { runFor } from "../../words/run-for.ts";

interface NeedsSectionProps {
  readonly news: readonly News[];
  readonly now: number;
}

const SHOWN = 12;

/** One row each: what kind, what in words, its last runs, since when, what to press. */
export const NeedsSection = ({ news, now }: NeedsSectionProps) => (
  <Section name="Needs you">
    <div className="needs act">
      {news.slice(0, SHOWN).map((each, at) => (
        <Need key={each.workflow} news={each} now={now} first={at === 0} />
      ))}
      {news.length > SHOWN && (
        <Link className="link" to="/workflows" search={{ show: "failing" }}>
          and {news.length - SHOWN} more
        </Link>
      )}
    </div>
  </Section>
);

function Need({ news, now, first }: { readonly news: News; readonly now: number; readonly first: boolean }) {
  const { kind, workflow, run, recent, since } = news;
  const navigate = useNavigate();
  const at = Date.parse(since);
  const failing = kind === "failing";
  const retry = useAct({
    needs: "operator",
    act: () => tutti().post("/api/runs/{run}/retry", { params: { run: run?.id ?? "" }, body: {} }),
    say: () => `${workflow} ${run ? runFor(run) : ""} goes on.`,
  });
  const why = (): void => void navigate({ to: "/runs/$run/why", params: { run: run?.id ?? "" } });
  return (
    <div className="need">
      <span className={failing ? "kind bad" : "kind"}>
        <Mark state={failing ? "failed" : "slow"} />{" "}
        {!failing ? "Slower than usual" : failuresInARow(recent) > 1 ? "Failing" : "Newly failing"}
      </span>
      <div className="what">
        <Link to="/workflows/$workflow" params={{ workflow }}>
          <b className="wrap">{workflow}</b>
        </Link>{" "}
        {run !== null && <span className="faint">{runFor(run)}</span>}
        <What news={news} now={now} />
      </div>
      <span className="hist">
        <RunBars runs={recent.toReversed()} now={now} />
      </span>
      <div className="since">
        <Moment at={at} />
        <br />
        <span className="faint">{durationText(Math.max(0, now - at))} ago</span>
      </div>
      <div className="do">
        {failing && run !== null && (
          <Button busy={retry.busy} refusal={retry.refusal} onPress={retry.run}>
            Retry
          </Button>
        )}
        {run !== null && (
          <Button
            go={first}
            {...(first ? { shortcut: "w" } : {})}
            onPress={failing ? why : () => void navigate({ to: "/runs/$run", params: { run: run.id } })}
          >
            {failing ? "Why" : "Look"}
          </Button>
        )}
      </div>
    </div>
  );
}

function What({
  news: { kind, run, failedTask, recent, usualMs },
  now,
}: {
  readonly news: News;
  readonly now: number;
}) {
  if (kind !== "failing")
    return (
      <p>
        Running {durationText(now - Date.parse(run?.startedAt ?? run?.createdAt ?? ""))}; nearly all runs end within{" "}
        {durationText(usualMs ?? 0)}
      </p>
    );
  const failures = failuresInARow(recent);
  return (
    <p>
      {failedTask !== null && (
        <>
          <b>
            {failedTask.task}
            {failedTask.mapIndex !== null && `[${failedTask.mapIndex}]`}
          </b>{" "}
          failed{failedTask.error !== null && ": "}
          {failedTask.error !== null && <span className="err wrap">{failedTask.error.message.split("\n")[0]}</span>}
        </>
      )}
      {failures > 1 && `, ${failures} runs in a row`}
    </p>
  );
}
