import type { GridRun } from "../../api/workflows.ts";
import { Fact, Facts } from "../../components/facts.tsx";
import type { State } from "../../words/state.ts";
import { runFor } from "../../words/run-for.ts";

interface PastOfTaskProps {
  readonly task: string;
  readonly column: number;
  readonly runs: readonly GridRun[];
  readonly states: Readonly<Record<string, string>>;
}

/** How often it failed in these runs, and when it last ended well. */
export function PastOfTask({ task, column, runs, states }: PastOfTaskProps) {
  const ends = runs.map(({ cells, ...run }) => ({
    what: runFor(run),
    state: states[cells[column] ?? "."] as State | undefined,
  }));
  const of = (state: State) => ends.filter((each) => each.state === state);
  const lastGood = of("succeeded").at(-1);
  const lastBad = of("failed").at(-1);
  return (
    <>
      <h3>
        {task} <span>{runs.length} runs</span>
      </h3>
      <Facts>
        <Fact name="succeeded">{of("succeeded").length}</Fact>
        <Fact name="failed">{of("failed").length}</Fact>
        {of("skipped").length > 0 && <Fact name="skipped">{of("skipped").length}</Fact>}
        <Fact name="last good">{lastGood?.what ?? "–"}</Fact>
        {lastBad !== undefined && <Fact name="last failed">{lastBad.what}</Fact>}
      </Facts>
    </>
  );
}
