import { isDeepStrictEqual } from "node:util";
import type { StepEntry } from "../../../src/core/wait.ts";
import type { Commit, Invariant } from "../invariant.ts";
import type { Recorded } from "../recorded.ts";

/** Told by workers what they read, and by the store what was written. */
export class StepsAreKept implements Invariant {
  readonly fact =
    "what a task has recorded is there when it runs again, all of it and in order, until a success is thrown away";
  readonly #lines = new Map<number, Map<string, string>>();
  readonly #said = new Map<string, readonly StepEntry[]>();
  readonly #fail: (fact: string, what: string) => void;
  #recorded: Recorded | null = null;

  constructor(fail: (fact: string, what: string) => void) {
    this.#fail = fail;
  }

  *committed({ group, result }: Commit, recorded: Recorded): Iterable<string> {
    this.#recorded = recorded;
    if (!result.applied) return;
    for (const { to, value } of group.drawers) {
      if (to.drawer !== "steps") continue;
      const lines = this.#lines.get(to.taskRunId) ?? new Map<string, string>();
      if (lines.has(to.key)) yield `line ${to.key} of task run ${to.taskRunId} is written a second time`;
      this.#lines.set(to.taskRunId, lines.set(to.key, value ?? ""));
    }
    for (const change of group.changes) {
      if (change.kind === "reopen" && (change.from === "succeeded" || change.empties)) this.#lines.delete(change.id);
      if (change.kind !== "defer") continue;
      for (const { key, value } of this.#said.get(`${change.id}/${change.claim}`) ?? [])
        if (this.#lines.get(change.id)?.get(key) !== value)
          yield `task run ${change.id} waits, and line ${key} that came with it is not recorded`;
    }
  }

  /** What comes with a wait. */
  said(taskRunId: number, claim: number, steps: readonly StepEntry[]): void {
    this.#said.set(`${taskRunId}/${claim}`, steps);
  }

  read(taskRunId: number, claim: number, lines: readonly string[]): void {
    if (!this.#recorded?.holds(taskRunId, claim)) return;
    const kept = [...(this.#lines.get(taskRunId) ?? new Map<string, string>())].toSorted(([a], [b]) =>
      a < b ? -1 : 1,
    );
    const expected = kept.map(([, value]) => value);
    if (!isDeepStrictEqual(lines, expected))
      this.#fail(this.fact, `task run ${taskRunId} reads ${lines.join(" ")} and has recorded ${expected.join(" ")}`);
  }
}
