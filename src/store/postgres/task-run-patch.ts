import type { Instant } from "../../core/clock.ts";
import type { TaskRunState } from "../../core/task-run-state.ts";
import { guardOf } from "../guard.ts";
import type { TaskRunChange } from "../store.ts";
import { packEnd, packHistory, packResult, packWait } from "../task-run-row.ts";

/** A bit for each column that a change may set, as `tutti.write_groups` reads them. */
const COLUMN = {
  attempt: 1,
  generation: 2,
  losses: 4,
  worker: 8,
  queued_at: 16,
  claimed_at: 32,
  started_at: 64,
  ended_at: 128,
  due_at: 256,
  history: 512,
  result: 1024,
  output: 2048,
} as const;

type Values = { -readonly [Column in keyof typeof COLUMN]?: string | number | null };

/** What a group does to one row, whatever the number of its steps. */
export interface TaskRunPatch {
  readonly id: number;
  /** The guard: the row's claim and state before the first step. */
  readonly wasClaim: number;
  readonly was: TaskRunState;
  state: TaskRunState;
  /** How often it is claimed on the way. */
  claims: number;
  /** It ended a recorded success: the drawer is emptied. */
  empties: boolean;
  readonly values: Values;
}

/**
 * The changes of one group, one patch for each row, because a statement for the whole batch can change a row only once.
 * `null`: two steps of one row do not follow from each other, so the group cannot apply.
 */
export function patchesOf(changes: readonly TaskRunChange[]): readonly TaskRunPatch[] | null {
  const patches = new Map<number, TaskRunPatch>();
  for (const change of changes) {
    const { from, to } = guardOf(change);
    let patch = patches.get(change.id);
    if (patch === undefined) {
      patch = { id: change.id, wasClaim: change.claim, was: from, state: from, claims: 0, empties: false, values: {} };
      patches.set(change.id, patch);
    } else if (patch.state !== from || patch.wasClaim + patch.claims !== change.claim) return null;
    patch.state = to;
    if (change.kind === "claim") patch.claims += 1;
    patch.empties ||= change.kind === "reopen" && (from === "succeeded" || change.empties === true);
    Object.assign(patch.values, valuesOf(change));
  }
  return [...patches.values()];
}

/** As a row of the batch. */
export function patchRow(place: number, { id, wasClaim, was, state, claims, empties, values }: TaskRunPatch): object {
  let sets = 0;
  for (const column in values) sets |= COLUMN[column as keyof typeof COLUMN];
  return { place, id, was_claim: wasClaim, was, state, claims, sets, ...(empties && { empties }), ...values };
}

function valuesOf(change: TaskRunChange): Values {
  switch (change.kind) {
    case "claim":
      return { worker: change.worker, claimed_at: change.at, started_at: null, ended_at: null };
    case "finish":
      return {
        started_at: change.startedAt,
        ended_at: change.endedAt,
        losses: change.losses,
        result: packResult(change),
        output: change.output?.kind === "inline" ? change.output.text : null,
      };
    case "defer":
      return { due_at: change.wait.dueAt, losses: 0, result: packWait(change.wait) };
    case "retry":
      return { attempt: change.attempt, due_at: change.dueAt, result: packEnd(change.error, null) };
    case "requeue":
      return {
        queued_at: change.at,
        losses: change.losses,
        worker: null,
        claimed_at: null,
        started_at: null,
        due_at: null,
      };
    case "decide":
      if (change.to === "queued") return { queued_at: change.at, result: null, due_at: null };
      return { ended_at: change.at, due_at: null, result: packEnd(change.error, change.skipReason), output: null };
    case "reopen":
      return { ...ANEW, generation: change.generation, history: packHistory(change) };
  }
}

const ANEW = {
  attempt: 1,
  losses: 0,
  worker: null,
  queued_at: null,
  claimed_at: null,
  started_at: null,
  ended_at: null,
  due_at: null,
  result: null,
  output: null,
} as const satisfies Values & { readonly queued_at: Instant | null };
