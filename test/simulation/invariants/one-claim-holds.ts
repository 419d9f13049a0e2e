import { isDeepStrictEqual } from "node:util";
import { StoreModel } from "../../../src/testing/store-suite/store-model.ts";
import { type Commit, type Invariant, nameOf } from "../invariant.ts";

/** The store against the model of it that the conformance suite uses: a group applies if every claim in it holds, and then does what it says. */
export class OneClaimHolds implements Invariant {
  readonly fact = "one claim holds: what comes under another changes nothing";
  readonly #model = new StoreModel();

  *committed({ by, zombie, group, result, before, after }: Commit): Iterable<string> {
    // Of limits the model knows nothing; what a world with limits looks at is that there was no room.
    if (result.full) return;
    const held = group.drawers.every(({ taskRunId, claim }) => {
      const row = before?.taskRuns.get(taskRunId);
      return row?.state === "running" && row.claim === claim;
    });
    const expected = held && this.#model.apply(group, result.ids[0] ?? 0);
    if (zombie && result.applied) yield `a worker without a claim wrote ${describe(group)}`;
    if (expected !== result.applied)
      yield `${by} gave a group that ${expected ? "holds" : "is stale"}, and it was ${result.applied ? "applied" : "dropped"}: ${describe(group)}`;
    const rows = [...(after?.taskRuns.values() ?? [])].toSorted((a, b) => a.id - b.id);
    const known = this.#model.taskRuns(group.runId);
    for (const [place, row] of rows.entries()) {
      if (!isDeepStrictEqual({ ...row }, { ...known[place] }))
        yield `${nameOf(row)} is ${JSON.stringify(row)} and should be ${JSON.stringify(known[place])}`;
    }
    if (rows.length !== known.length) yield `${rows.length} rows instead of ${known.length}`;
  }
}

const describe = (group: Commit["group"]): string => JSON.stringify({ ...group, attempts: group.attempts.length });
