import type { Commit, Invariant, Start } from "../invariant.ts";

/** A loss is something that happened to a worker. An engine that could not hand a task over has lost nothing, and has to know that. */
export class NoLossWithoutAStart implements Invariant {
  readonly fact = "no task run is lost that its worker never got, unless its engine died";
  readonly #claimedBy = new Map<string, string>();
  readonly #started = new Set<string>();

  *committed({ by, group, result, after }: Commit): Iterable<string> {
    if (!result.applied) return;
    for (const attempt of group.attempts) {
      if (attempt.outcome !== "lost" || !("id" in attempt.taskRun)) continue;
      // A process that stood still gives back what it must not start any more. That is no loss of the task's.
      if (attempt.error?.code === "WORKER_CLOSED") continue;
      const key = `${attempt.taskRun.id}/${attempt.claim}`;
      if (this.#claimedBy.get(key) === by && !this.#started.has(key))
        yield `task run ${attempt.taskRun.id} was never started under claim ${attempt.claim}, and counts as lost: ${attempt.error?.message}`;
    }
    for (const { id, claim, state } of after?.taskRuns.values() ?? []) {
      const key = `${id}/${claim}`;
      if (state === "running" && !this.#claimedBy.has(key)) this.#claimedBy.set(key, by);
    }
  }

  started({ assignment: { taskRunId, claim } }: Start): string[] {
    this.#started.add(`${taskRunId}/${claim}`);
    return [];
  }
}
