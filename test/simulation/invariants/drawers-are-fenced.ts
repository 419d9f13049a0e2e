import type { Commit, Invariant } from "../invariant.ts";
import type { Recorded } from "../recorded.ts";

interface Write {
  readonly taskRunId: number;
  readonly claim: number;
  readonly value: string;
}

/** Told by workers what was answered to them, and by the store what was written. */
export class DrawersAreFenced implements Invariant {
  readonly fact = "a drawer is written under a claim that holds, and then for sure";
  readonly #written = new Set<string>();
  readonly #fail: (fact: string, what: string) => void;
  #recorded: Recorded | null = null;

  constructor(fail: (fact: string, what: string) => void) {
    this.#fail = fail;
  }

  *committed({ group, result, before }: Commit, recorded: Recorded): Iterable<string> {
    this.#recorded = recorded;
    if (!result.applied) return;
    for (const { taskRunId, claim, value } of group.drawers) {
      const row = before?.taskRuns.get(taskRunId);
      if (row?.state !== "running" || row.claim !== claim)
        yield `a drawer of task run ${taskRunId} is written under claim ${claim}, and it is ${row?.state} under ${row?.claim}`;
      this.#written.add(`${taskRunId} ${claim} ${value}`);
    }
  }

  acknowledged({ taskRunId, claim, value }: Write): void {
    if (!this.#written.has(`${taskRunId} ${claim} ${value}`))
      this.#fail(this.fact, `task run ${taskRunId} was told that its drawer is written, and it is not`);
  }

  refused({ taskRunId, claim }: Write, error: Error): void {
    if (this.#recorded?.holds(taskRunId, claim))
      this.#fail(this.fact, `task run ${taskRunId} holds claim ${claim}, and its drawer was refused: ${error.message}`);
  }
}
