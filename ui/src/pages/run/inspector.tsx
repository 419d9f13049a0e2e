import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { artifactsQuery, type RunDetail, taskRunQuery, type TaskRun } from "../../api/runs.ts";
import type { Progress } from "../../api/progress.ts";
import { Fact, Facts } from "../../components/facts.tsx";
import { Mark } from "../../components/mark.tsx";
import { Moment } from "../../components/moment.tsx";
import { ProgressLine } from "../../components/progress-line.tsx";
import { Value } from "../../components/value.tsx";
import { sizeText } from "../../words/count-text.ts";
import { hasEnded } from "../../words/state.ts";
import { durationText } from "../../words/duration-text.ts";
import type { Piece } from "../../waterfall/pieces.ts";
import type { Row } from "../../waterfall/rows.ts";
import { isAsked } from "../../approvals/is-asked.ts";
import { StepsOf } from "./attempt-list.tsx";

interface InspectorProps {
  readonly run: RunDetail;
  readonly row: Row | undefined;
  readonly progress: Progress | null;
}

/** What there is to know of the selected line. */
export function Inspector({ run, row, progress }: InspectorProps) {
  if (row === undefined)
    return (
      <aside className="side" aria-label="Selected">
        <p className="dim">Select a task to see where its time went, what it was given and what it made.</p>
      </aside>
    );
  const { taskRun, label, task, kind, state } = row;
  return (
    <aside className="side" aria-label="Selected">
      <p className="cap wrap">
        {task}
        {row.mapIndex !== null && ` / [${row.mapIndex}]`}
        {row.attempt !== null && ` / attempt ${row.attempt}`}
      </p>
      <h2>
        <Mark state={state} /> {kind === "attempt" ? `${task}, ${label}` : label}
      </h2>
      {progress !== null && <ProgressLine progress={progress} />}
      <Times row={row} />
      {taskRun !== null && <TaskRunFacts run={run} taskRun={taskRun} />}
      {taskRun === null && row.note === "" && (
        <p className="dim">
          It has not begun to be anything.{" "}
          {run.endedAt === null && (
            <Link className="link" to="/runs/$run/why" params={{ run: run.id }} search={{ task }}>
              why not yet
            </Link>
          )}
        </p>
      )}
    </aside>
  );
}

const KINDS = [
  ["waiting", "waiting"],
  ["queued", "queued"],
  ["deferred", "deferred"],
  ["retry_wait", "retry wait"],
  ["ran", "running"],
] as const;

function Times({ row: { pieces } }: { readonly row: Row }) {
  const of = (kind: Piece["kind"]): number =>
    pieces.reduce((sum, each) => (each.kind === kind ? sum + each.to - each.from : sum), 0);
  return (
    <Facts>
      {KINDS.filter(([kind]) => of(kind) > 0).map(([kind, word]) => (
        <Fact key={kind} name={word}>
          {kind === "ran" ? <b>{durationText(of(kind))}</b> : durationText(of(kind))}
        </Fact>
      ))}
    </Facts>
  );
}

function TaskRunFacts({ run, taskRun }: { readonly run: RunDetail; readonly taskRun: TaskRun }) {
  const { id, claim, state, error, skipReason, cached, worker, waits, dueAt, startedAt } = taskRun;
  const { data: detail } = useQuery({
    ...taskRunQuery(run.id, id, claim * 20 + state.length),
    placeholderData: (before) => (before?.id === id ? before : undefined),
  });
  const { data: artifacts = [] } = useQuery({ ...artifactsQuery(run.id), enabled: run.endedAt !== null });
  const own = artifacts.filter(({ taskRunId }) => taskRunId === id);
  return (
    <>
      {error !== null && <p className="errline wrap">{error.message.split("\n")[0]}</p>}
      {skipReason !== null && <p className="dim wrap">skipped: {skipReason}</p>}
      {cached !== null && (
        <p className="dim">
          kept, from{" "}
          <Link className="link" to="/runs/$run" params={{ run: cached.runId }}>
            another run
          </Link>{" "}
          at <Moment at={cached.madeAt} as="seconds" />
        </p>
      )}
      {waits !== null && (
        <p className="dim">
          waits for{" "}
          {isAsked(waits) ? (
            <Link to="/approvals" className="link">
              a person's answer
            </Link>
          ) : (
            waits.for
          )}
          {waits.until !== null && (
            <>
              , until <Moment at={waits.until} as="seconds" />
            </>
          )}
        </p>
      )}
      {state !== "succeeded" && state !== "running" && (
        <p>
          <Link
            className="link"
            to="/runs/$run/why"
            params={{ run: run.id }}
            search={{ task: taskRun.task, map: taskRun.mapIndex ?? undefined }}
          >
            {hasEnded(state) ? "why it ended so" : "why not yet"}
          </Link>
        </p>
      )}
      {state === "up_for_retry" && dueAt !== null && (
        <p className="dim">
          tries again at <Moment at={dueAt} as="seconds" />
        </p>
      )}
      {detail !== undefined && detail.attempts.length > 1 && <StepsOf attempts={detail.attempts} />}
      <h3>Out</h3>
      {detail === undefined ? null : detail.hasOutput ? (
        <Value value={detail.output} />
      ) : (
        <p className="dim">nothing</p>
      )}
      {own.length > 0 && (
        <>
          <h3>
            Artifacts <span>{own.length}</span>
          </h3>
          <Facts>
            {own.map(({ name, size, claim: made }) => (
              <Fact key={`${name}${made}`} name={sizeText(size)}>
                <a
                  className="link wrap"
                  href={`/api/runs/${run.id}/artifacts/${id}/${made}/${encodeURIComponent(name)}`}
                  download={name}
                >
                  {name}
                </a>
              </Fact>
            ))}
          </Facts>
        </>
      )}
      <h3>Where</h3>
      <Facts>
        <Fact name="worker">{worker ?? "–"}</Fact>
        {startedAt !== null && (
          <Fact name="began">
            <Moment at={startedAt} as="seconds" zone={run.timezone} />
          </Fact>
        )}
        <Fact name="task run">{id}</Fact>
      </Facts>
    </>
  );
}
