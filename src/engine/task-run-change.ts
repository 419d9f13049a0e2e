import type { Transition } from "../core/transition.ts";
import type { Wait } from "../core/wait.ts";
import type { TaskRunChange } from "../store/store.ts";

/** A transition of a task run that has a row, as the store writes it. */
export function changeOf(transition: Transition): TaskRunChange {
  const { instance, from, to, at, claim, error, skipReason } = transition;
  if (transition.deferral) return deferralOf(transition, transition.deferral.wait);
  if (from === "running" && to !== "up_for_retry" && to !== "queued") return finishOf(transition);
  const guard = { id: instance.id, claim };
  if (from === "queued" && to === "running") return { ...guard, kind: "claim", worker: transition.worker ?? "", at };
  if (from === "running" && to === "up_for_retry")
    return {
      ...guard,
      kind: "retry",
      attempt: transition.attempt + 1,
      dueAt: transition.dueAt ?? at,
      error: error ?? UNKNOWN,
    };
  if (to === "queued" && (from === "running" || from === "up_for_retry" || from === "deferred"))
    return { ...guard, kind: "requeue", from, losses: transition.losses, at };
  if (to === "waiting")
    return {
      ...guard,
      kind: "reopen",
      from,
      generation: transition.generation,
      groupRetries: instance.groupRetries,
      discarded: instance.discarded,
      ...(transition.discards && { empties: true }),
      at,
    };
  return {
    ...guard,
    kind: "decide",
    from,
    to: to as (TaskRunChange & { kind: "decide" })["to"],
    at,
    error,
    skipReason,
  };
}

const deferralOf = ({ instance: { id }, claim, at }: Transition, wait: Wait): TaskRunChange => ({
  id,
  claim,
  kind: "defer",
  wait,
  at,
});

function finishOf({ instance, claim, to, at, ended, result, error, skipReason, losses }: Transition): TaskRunChange {
  return {
    id: instance.id,
    claim,
    kind: "finish",
    state: to as (TaskRunChange & { kind: "finish" })["state"],
    startedAt: ended?.startedAt ?? null,
    endedAt: ended?.endedAt ?? at,
    output: result?.output ?? null,
    lists: result?.lists ?? null,
    arms: result?.arms ?? null,
    error,
    skipReason,
    losses,
    firstClaim: result?.firstClaim ?? null,
    ...(result?.cached && { cached: result.cached }),
  };
}

const UNKNOWN = { name: "Error", message: "unknown" };
