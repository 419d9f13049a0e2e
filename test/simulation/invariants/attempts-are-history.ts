import { isDeepStrictEqual } from "node:util";
import type { AttemptRecord } from "../../../src/store/reader.ts";
import type { TaskRunRecord } from "../../../src/store/store.ts";
import { type Commit, type Invariant, nameOf, type RunRows } from "../invariant.ts";

/** One line for each claim that has ended, in their order, and no line ever changes. */
export class AttemptsAreHistory implements Invariant {
  readonly fact = "the history of attempts is append-only, with one line for every claim that has ended";
  /** Claims under which a task run gave its slot back: they have not ended, the attempt goes on under another. */
  readonly #waited = new Map<number, Set<number>>();

  *committed({ group, result, before, after }: Commit): Iterable<string> {
    if (!after) return;
    const known = before?.attempts ?? [];
    if (!isDeepStrictEqual(after.attempts.slice(0, known.length), known))
      yield `history of run ${after.run.id} was changed`;
    const added = after.attempts.length - known.length;
    if (added !== (result.applied ? group.attempts.length : 0)) yield `${added} lines of history were added`;
    if (result.applied)
      for (const { id, claim, kind } of group.changes)
        if (kind === "defer") this.#waited.set(id, (this.#waited.get(id) ?? new Set()).add(claim));
    for (const row of after.taskRuns.values()) yield* linesOf(row, after, this.#waited.get(row.id) ?? NONE);
  }
}

function* linesOf(row: TaskRunRecord, { attempts }: RunRows, waited: ReadonlySet<number>): Iterable<string> {
  const lines = attempts.filter(({ taskRunId }) => taskRunId === row.id);
  const claims = Array.from({ length: row.claim }, (_, before) => before + 1).filter((claim) => !waited.has(claim));
  const ended = claims.length - (row.state === "running" ? 1 : 0);
  if (lines.length !== ended)
    yield `${nameOf(row)} has ${lines.length} lines of history for ${ended} claims that ended`;
  for (const [place, line] of lines.entries()) {
    if (line.claim !== claims[place])
      yield `${nameOf(row)}: line ${place + 1} of its history is about claim ${line.claim}`;
    const next = lines[place + 1];
    if (next?.generation === line.generation && next.attempt !== nextAttempt(line))
      yield `${nameOf(row)}: attempt ${line.attempt} ended as ${line.outcome} and is followed by attempt ${next.attempt}`;
  }
  const lost = lines.filter(
    ({ generation, outcome, error }) =>
      generation === row.generation && (outcome === "lost" || isLastLoss(outcome, error?.code)),
  );
  if (row.losses > lost.length)
    yield `${nameOf(row)} counts ${row.losses} losses and has ${lost.length} in its history`;
}

const NONE: ReadonlySet<number> = new Set();

/** The loss that ends a task run is recorded as its end. */
const isLastLoss = (outcome: AttemptRecord["outcome"], code: string | undefined): boolean =>
  outcome === "cancelled" || code === "WORKER_LOST";

/** A loss spends no attempt. */
const nextAttempt = ({ attempt, outcome }: AttemptRecord): number => (outcome === "lost" ? attempt : attempt + 1);
