import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Mark } from "../../components/mark.tsx";
import { Head } from "../../components/head.tsx";
import { Moment } from "../../components/moment.tsx";
import { useNow } from "../../components/now.ts";
import { lengthOf } from "../../words/run-length.ts";
import { Tabs } from "../../components/tabs.tsx";
import { dayText } from "../../words/time-text.ts";
import { durationText } from "../../words/duration-text.ts";
import { figure } from "../../words/count-text.ts";
import { type State, STATES } from "../../words/state.ts";
import { RunActs } from "./run-acts.tsx";
import { isOver, type ShownRun, useRun } from "./use-run.ts";
import { runFor } from "../../words/run-for.ts";

const TABS = [
  ["/runs/$run", "Waterfall"],
  ["/runs/$run/graph", "Graph"],
  ["/runs/$run/events", "Events"],
  ["/runs/$run/values", "Inputs and outputs"],
] as const;

/** The waterfall has the address of the run, under which the others stand. */
const EXACT = { exact: true, includeSearch: false };

interface RunFrameProps {
  readonly id: string;
  readonly tab: (typeof TABS)[number][0];
  readonly children: (shown: ShownRun) => ReactNode;
}

/** The head and the tabs that all pages of a run have. */
export function RunFrame({ id, tab, children }: RunFrameProps) {
  const state = useRun(id);
  if (state.kind === "loading") return null;
  if (state.kind === "gone")
    return (
      <Head
        answer
        title="This run has been removed."
        facts={
          <span>
            What was kept of it is gone with its retention.{" "}
            <Link to="/runs" className="link">
              All runs
            </Link>
          </span>
        }
      />
    );
  const { shown } = state;
  return (
    <>
      <Head title={<Title {...shown} />} facts={<RunFacts {...shown} />} acts={<RunActs {...shown} />} />
      <Tabs label="Sides of the run" note={tally(shown)}>
        {TABS.map(([to, name]) => (
          <Link
            key={to}
            to={to}
            params={{ run: shown.run.id }}
            activeOptions={EXACT}
            aria-current={to === tab ? "page" : undefined}
          >
            {name}
          </Link>
        ))}
      </Tabs>
      {children(shown)}
    </>
  );
}

const Title = ({ run }: ShownRun) => (
  <>
    <Mark state={run.state} big />{" "}
    <Link to="/workflows/$workflow" params={{ workflow: run.workflow }} className="wrap">
      {run.workflow}
    </Link>{" "}
    <span className="faint thin">{runFor(run)}</span>
  </>
);

function RunFacts({ run, rootCause }: ShownRun) {
  const now = useNow(!isOver(run));
  const over = isOver(run);
  return (
    <>
      <span>
        <b className={`word strong ${run.state}`}>{run.cancelRequested && !over ? "cancelling" : run.state}</b>
        {run.state === "failed" && rootCause !== null && (
          <>
            {" "}
            at <b>{rootCause.task}</b>: <span className="err first">{rootCause.error?.message.split("\n")[0]}</span>
          </>
        )}
      </span>
      <span>
        {run.startedAt === null ? (
          <>
            created <Moment at={run.createdAt} as="seconds" zone={run.timezone} />
          </>
        ) : (
          <>
            <Moment at={run.startedAt} as="exact" zone={run.timezone} />
            {run.endedAt !== null && (
              <>
                {" "}
                to{" "}
                <Moment
                  at={run.endedAt}
                  as={dayText(Date.parse(run.endedAt)) === dayText(Date.parse(run.startedAt)) ? "seconds" : "exact"}
                  zone={run.timezone}
                />
              </>
            )}
            , <b>{durationText(lengthOf(run, now))}</b>
          </>
        )}
      </span>
      <span title={`${run.interval.start} to ${run.interval.end}`}>
        by {run.trigger}, for <Covered run={run} />
      </span>
      <span>
        code <b className="mono">{run.version.slice(0, 8)}</b>
      </span>
      {run.generation > 1 && <span>retried, generation {run.generation}</span>}
    </>
  );
}

const Covered = ({ run: { workflow, date, partition } }: Pick<ShownRun, "run">) =>
  partition === null ? (
    date
  ) : (
    <>
      partition{" "}
      <Link className="link" to="/runs" search={{ workflow, partition }}>
        {partition}
      </Link>
    </>
  );

/** `12 of 16 task runs succeeded, 1 failed` */
function tally({ run }: ShownRun): string {
  const counts = run.tasks as Partial<Record<State, number>>;
  const all = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const others = STATES.filter((state) => state !== "succeeded" && (counts[state] ?? 0) > 0).map(
    (state) => `${figure(counts[state]!)} ${state}`,
  );
  return [`${figure(counts.succeeded ?? 0)} of ${figure(all)} task runs succeeded`, ...others].join(", ");
}
