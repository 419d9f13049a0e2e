import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import {
  attemptsQuery,
  type Attempt,
  type Run,
  type RunDetail,
  runQuery,
  someRunsQuery,
  type TaskRun,
  taskRunsQuery,
} from "../../api/runs.ts";
import { ApiError } from "../../api/tutti.ts";
import { graphQuery, type Graph } from "../../api/workflows.ts";
import { differencesOf } from "../../compare/differences.ts";
import { DifferenceTable } from "../../components/difference-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { Head } from "../../components/head.tsx";
import { Section } from "../../components/section.tsx";
import { TwoWaterfalls } from "./two-waterfalls.tsx";
import { count } from "../../words/count-text.ts";
import "../../styles/why.css";
import "../../styles/run.css";
import "../../styles/compare.css";
import { runFor } from "../../words/run-for.ts";

const route = getRouteApi("/compare");

export interface ComparedRun {
  readonly run: RunDetail;
  readonly taskRuns: readonly TaskRun[];
  readonly attempts: readonly Attempt[];
  readonly graph: Graph;
}

/** What changed between two runs? */
export function ComparePage() {
  const { a, b } = route.useSearch();
  const { data: second } = useQuery({ ...runQuery(b ?? ""), enabled: b !== undefined });
  const { data: before = [] } = useQuery({
    ...someRunsQuery({ workflow: second?.workflow, state: "succeeded", to: second?.createdAt }, 2),
    enabled: a === undefined && second !== undefined && second !== null,
  });
  const first = a ?? before.find(({ id }) => id !== b)?.id;
  const left = useCompared(first);
  const right = useCompared(b);
  const [all, setAll] = useState(false);
  const isGone = [useIsGone(first), useIsGone(b)].includes(true);
  const chosen = (a ?? b) !== undefined;
  const workflow = right?.run.workflow ?? left?.run.workflow;
  return (
    <>
      <Head
        title={workflow === undefined ? "Compare two runs" : `Compare ${workflow}`}
        facts={<span>the later one is measured by the earlier; without a choice, by the last success before it</span>}
      />
      <Choice a={first} b={b} workflow={workflow} waits={workflow === undefined && chosen && !isGone} />
      {left === null || right === null ? (
        <Empty>
          {isGone
            ? "A run of these two has been removed. Choose another one."
            : right !== null && first === undefined
              ? "No success came before it. Choose what to measure it by."
              : "Choose two runs."}
        </Empty>
      ) : (
        <>
          <Section name="What differs" note={count(marked(left, right), "thing that matters", "things that matter")}>
            <label className="all">
              <input type="checkbox" checked={all} onChange={({ target }) => setAll(target.checked)} /> also what varies
              as usual
            </label>
            <DifferenceTable
              before={`${runFor(left.run)}, ${left.run.state}`}
              after={`${runFor(right.run)}, ${right.run.state}`}
              differences={differencesOf(left, right)}
              all={all}
            />
          </Section>
          <Section name="In time" note="both from their beginning, on one scale">
            <TwoWaterfalls left={left} right={right} />
          </Section>
        </>
      )}
    </>
  );
}

const marked = (left: ComparedRun, right: ComparedRun): number =>
  differencesOf(left, right).filter((each) => each.marked).length;

function useIsGone(id: string | undefined): boolean {
  const { data, error } = useQuery({ ...runQuery(id ?? ""), enabled: id !== undefined });
  return data === null || (error instanceof ApiError && error.status === 404);
}

function useCompared(id: string | undefined): ComparedRun | null {
  const given = id !== undefined;
  const { data: run } = useQuery({ ...runQuery(id ?? ""), enabled: given });
  const { data: taskRuns } = useQuery({ ...taskRunsQuery(id ?? ""), enabled: given });
  const { data: attempts } = useQuery({ ...attemptsQuery(id ?? ""), enabled: given });
  const { data: graph } = useQuery({
    ...graphQuery(run?.workflow ?? "", { run: id ?? "" }),
    enabled: run !== undefined && run !== null,
  });
  return run === undefined || run === null || taskRuns === undefined || attempts === undefined || graph === undefined
    ? null
    : { run, taskRuns, attempts, graph };
}

interface ChoiceProps {
  readonly a: string | undefined;
  readonly b: string | undefined;
  readonly workflow: string | undefined;
  /** It is not known yet of which workflow they are. */
  readonly waits: boolean;
}

function Choice({ a, b, workflow, waits }: ChoiceProps) {
  const navigate = useNavigate({ from: "/compare" });
  const { data: runs = [] } = useQuery({ ...someRunsQuery({ workflow }, 100), enabled: !waits });
  const pick = (side: "a" | "b", id: string): void =>
    void navigate({ search: (now) => ({ ...now, a, b, [side]: id || undefined }) });
  return (
    <div className="filters two">
      <RunChoice word="earlier" value={a} runs={runs} onPick={(id) => pick("a", id)} />
      <RunChoice word="later" value={b} runs={runs} onPick={(id) => pick("b", id)} />
      {a !== undefined && b !== undefined && (
        <Link className="link" to="/compare" search={{ a: b, b: a }}>
          turn round
        </Link>
      )}
    </div>
  );
}

interface RunChoiceProps {
  readonly word: string;
  readonly value: string | undefined;
  readonly runs: readonly Run[];
  readonly onPick: (id: string) => void;
}

const RunChoice = ({ word, value, runs, onPick }: RunChoiceProps) => (
  <label>
    {word}{" "}
    <select value={value ?? ""} onChange={({ target }) => onPick(target.value)}>
      <option value="">choose</option>
      {value !== undefined && !runs.some(({ id }) => id === value) && <option value={value}>{value}</option>}
      {runs.map((run) => (
        <option key={run.id} value={run.id}>
          {run.workflow} {runFor(run)}, {run.state}, {run.id.slice(-6)}
        </option>
      ))}
    </select>
  </label>
);
