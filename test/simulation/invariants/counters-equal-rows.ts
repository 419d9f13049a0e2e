import { isDeepStrictEqual } from "node:util";
import type { Commit, Invariant } from "../invariant.ts";
import type { Recorded } from "../recorded.ts";

export class CountersEqualRows implements Invariant {
  readonly fact = "the counters of a run, and of a workflow, equal their rows";

  *committed({ after }: Commit): Iterable<string> {
    if (!after) return;
    const rows = count([...after.taskRuns.values()].map(({ state }) => state));
    if (!isDeepStrictEqual(rows, { ...after.counts }))
      yield `run ${after.run.id} counts ${JSON.stringify(after.counts)} and has ${JSON.stringify(rows)}`;
  }

  *atTheEnd({ runs, workflows }: Recorded): Iterable<string> {
    for (const { name, counts } of workflows) {
      const rows = count([...runs.values()].flatMap(({ run }) => (run.workflow === name ? [run.state] : [])));
      if (!isDeepStrictEqual(rows, { ...counts }))
        yield `workflow "${name}" counts ${JSON.stringify(counts)} and has ${JSON.stringify(rows)}`;
    }
  }
}

function count(states: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
