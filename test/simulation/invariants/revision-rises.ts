import type { Commit, Invariant } from "../invariant.ts";

export class RevisionRises implements Invariant {
  readonly fact = "the revision of a run rises by one with every group, and by nothing else";

  *committed({ result, before, after }: Commit): Iterable<string> {
    const expected = (before?.run.revision ?? 0) + (result.applied ? 1 : 0);
    const found = after?.run.revision ?? 0;
    if (found !== expected) yield `the revision is ${found} instead of ${expected}`;
  }
}
