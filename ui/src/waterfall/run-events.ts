import type { Attempt, RunDetail, TaskRun } from "../api/runs.ts";
import { type State, STATES } from "../words/state.ts";
import { keyOf } from "./rows.ts";

export interface RunEvent {
  readonly key: string;
  /** Milliseconds. */
  readonly at: number;
  readonly task: string | null;
  readonly mapIndex: number | null;
  readonly what: string;
  readonly state: State;
  readonly more: string;
}

/** Everything that is known to have happened in a run, in its order. */
export function runEvents(run: RunDetail, taskRuns: readonly TaskRun[], attempts: readonly Attempt[]): RunEvent[] {
  const events: RunEvent[] = [];
  const add = (
    at: string | null,
    key: string,
    what: string,
    state: State,
    row: Pick<TaskRun, "task" | "mapIndex"> | null,
    more = "",
  ): void => {
    if (at !== null)
      events.push({
        at: Date.parse(at),
        key,
        what,
        state,
        task: row?.task ?? null,
        mapIndex: row?.mapIndex ?? null,
        more,
      });
  };
  add(
    run.createdAt,
    "created",
    `${run.workflow} was accepted`,
    "queued",
    null,
    `by ${run.trigger}, generation ${run.generation}`,
  );
  add(run.startedAt, "started", `${run.workflow} began`, "running", null);
  const told = new Set<string>();
  for (const each of attempts) {
    const name = keyOf(each);
    const key = `${each.taskRunId} ${each.claim}`;
    told.add(key);
    const which = each.attempt > 1 ? `, attempt ${each.attempt}` : "";
    add(each.queuedAt, `${key} q`, name, "queued", each, which.slice(2));
    add(
      each.startedAt ?? each.claimedAt,
      `${key} r`,
      name,
      "running",
      each,
      each.worker === null ? "" : `on ${each.worker}`,
    );
    add(
      each.endedAt,
      `${key} e`,
      name,
      stateOf(each.outcome),
      each,
      each.error?.message.split("\n")[0] ?? (each.outcome === stateOf(each.outcome) ? "" : each.outcome),
    );
  }
  for (const row of taskRuns) {
    const key = `${row.id} ${row.claim}`;
    if (told.has(key)) continue;
    add(row.queuedAt, `${key} q`, keyOf(row), "queued", row);
    add(
      row.startedAt ?? row.claimedAt,
      `${key} r`,
      keyOf(row),
      "running",
      row,
      row.worker === null ? "" : `on ${row.worker}`,
    );
    add(row.endedAt, `${key} e`, keyOf(row), row.state, row, row.skipReason ?? row.error?.message.split("\n")[0] ?? "");
  }
  add(run.endedAt, "ended", `${run.workflow} ended`, run.state, null);
  // What a moment had more of than one stands in the order it was put in: an attempt is queued, runs, and ends.
  return events.sort((a, b) => a.at - b.at);
}

const stateOf = (outcome: string): State =>
  (STATES as readonly string[]).includes(outcome) ? (outcome as State) : "cancelled";
