import type { Commit, Invariant } from "../invariant.ts";

/** By the clock of whoever decides: those of two engines may be ten minutes apart. */
export class WaitsAreServed implements Invariant {
  readonly fact = "a task run that waits without a slot comes back when it is due, and not before";

  *committed({ group, result, before }: Commit): Iterable<string> {
    if (!result.applied) return;
    // It may be due by the time at which its wait is recorded.
    const begun = new Map<number, number>();
    const forTasks = new Set<number>();
    for (const change of group.changes) {
      if (change.kind === "defer") begun.set(change.id, change.wait.dueAt);
      if (change.kind === "defer" && change.wait.tasks) forTasks.add(change.id);
      if (change.kind !== "requeue" || change.from !== "deferred") continue;
      // Any end of what it asked for brings it back, and an event: that one is there others look at.
      const wait = before?.taskRuns.get(change.id)?.wait;
      if (forTasks.has(change.id) || wait?.tasks || wait?.events) continue;
      const dueAt = begun.get(change.id) ?? before?.taskRuns.get(change.id)?.dueAt ?? null;
      if (dueAt === null || change.at < dueAt)
        yield `task run ${change.id} comes back at ${change.at} and waits until ${dueAt}`;
    }
  }
}
