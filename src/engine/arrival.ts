import type { RunEvent as Decidable } from "../core/decide.ts";
import type { Instant } from "../core/clock.ts";
import type { Control } from "../core/control.ts";
import type { ErrorData } from "../core/errors.ts";
import type { TaskInstance } from "../core/task-instance.ts";
import type { Finished } from "../runtime/protocol.ts";
import type { LiveRun } from "./live-run.ts";

/** What has arrived for a run and is not decided yet. Task runs are named by place, because a reload replaces the model. */
export type Arrival =
  | { readonly kind: "begin" | "due" }
  | ({ readonly kind: "cancel" } & Asked)
  /** `fresh`: from the first task, not from the failed ones. */
  | ({ readonly kind: "retry"; readonly fresh: boolean } & Asked)
  | {
      readonly kind: "finished";
      readonly task: number;
      readonly index: number | null;
      readonly result: Finished;
      readonly from?: Elsewhere;
    }
  | { readonly kind: "wake"; readonly task: number; readonly index: number | null; readonly claim: number }
  /** A user's, about single tasks, which stay what they are when the model is replaced. */
  | ({ readonly kind: "control"; readonly control: Control } & Asked)
  | { readonly kind: "skip"; readonly task: number; readonly index: number | null; readonly reason: string }
  | { readonly kind: "refuse"; readonly task: number; readonly index: number | null; readonly error: ErrorData }
  | Loss;

/** By somebody, of a run as it was. */
export interface Asked {
  /** Of a run that has gone on since, it is not done. */
  readonly generation: number;
  /** Told when it is not done. */
  readonly overtaken: () => void;
}

/** Nobody knows what became of the execution. `counts`: as a loss of its task run; not when its worker was told to stop. */
export interface Loss {
  readonly kind: "lost";
  readonly task: number;
  readonly index: number | null;
  readonly claim: number;
  readonly error: ErrorData;
  readonly counts: boolean;
  readonly from?: Elsewhere;
}

/** It happened at a worker that claims for itself: the store knew of the claim before this engine did. */
export interface Elsewhere {
  readonly worker: string;
  /** The row that goes with the commit of what follows from it. */
  readonly resultId?: number;
}

/** Asked for before, and recorded with the run. */
export const cancelOf = (generation: number): Arrival => ({ kind: "cancel", generation, overtaken() {} });

/** Nothing is known about this execution, and nothing will be. */
export function workerDied({ task, index }: TaskInstance, worker: string, claim: number): Loss {
  const error = { name: "WorkerLost", code: "WORKER_LOST", message: `worker "${worker}" died` };
  return { kind: "lost", task, index, claim, error, counts: true, from: { worker } };
}

/** It was claimed for this process by a commit of which it never heard. */
export const neverBegun = ({ task, index, claim }: TaskInstance): Loss => ({
  kind: "lost",
  task,
  index,
  claim,
  error: NEVER_BEGUN,
  counts: false,
});

export const NEVER_BEGUN: ErrorData = {
  name: "WorkerClosed",
  code: "WORKER_CLOSED",
  message: "the claim never reached its worker",
};

export const elsewhere = (arrival: Arrival): Elsewhere | undefined => ("from" in arrival ? arrival.from : undefined);

export const claimOf = (arrival: Arrival & { kind: "finished" | "lost" }): number =>
  arrival.kind === "finished" ? arrival.result.claim : arrival.claim;

/** Whether somebody has asked for an ended run as it is; who has asked for it as it was is told. */
export function opensAgain({ model }: LiveRun, arrivals: readonly Arrival[]): boolean {
  const asked = arrivals.filter(opens);
  if (asked.some(({ generation }) => generation === model.header.generation)) return true;
  for (const { overtaken } of asked) overtaken();
  return false;
}

const isAsked = (arrival: Arrival): arrival is Extract<Arrival, Asked> => "overtaken" in arrival;

/** By somebody, and it opens a run again that has ended. */
const opens = (arrival: Arrival): arrival is Arrival & { readonly kind: "retry" | "control" } =>
  isAsked(arrival) && arrival.kind !== "cancel";

/** What a tick has beside its arrivals. */
interface Tick {
  readonly now: Instant;
  readonly random: () => number;
  /** The row of a result goes with the commit. */
  readonly uses: (result: number) => void;
}

/** What has happened to a run, in the order in which it arrived. */
export function eventsOf(run: LiveRun, arrivals: readonly Arrival[], { now, random, uses }: Tick): Decidable[] {
  const events: Decidable[] = [];
  for (const arrival of arrivals) {
    run.catchUp(arrival, now);
    const result = elsewhere(arrival)?.resultId;
    if (result !== undefined) uses(result);
    const event = decidable(run, arrival, random);
    if (event !== null) events.push(event);
  }
  return events;
}

/** Turns an arrival into an event about the present model; `null`: it is about something that is gone. */
function decidable(run: LiveRun, arrival: Arrival, random: () => number): Decidable | null {
  if (arrival.kind === "due") return { kind: "due", random: random() };
  if (isAsked(arrival)) {
    if (arrival.generation !== run.model.header.generation) {
      arrival.overtaken();
      return null;
    }
    if (arrival.kind === "cancel") return { kind: "cancel" };
    return arrival.kind === "retry" ? { kind: "retry", fresh: arrival.fresh } : arrival.control;
  }
  if (!("task" in arrival)) return { kind: arrival.kind };
  const instance = run.instanceAt(arrival.task, arrival.index);
  if (!instance) return null;
  if (arrival.kind === "skip") return { kind: "skip", instance, reason: arrival.reason };
  if (arrival.kind === "refuse") return { kind: "refuse", instance, error: arrival.error };
  if (arrival.kind === "wake") return { kind: "wake", instance, claim: arrival.claim };
  if (arrival.kind === "lost")
    return { kind: "lost", instance, claim: arrival.claim, error: arrival.error, counts: arrival.counts };
  const { claim, startedAt, endedAt, outcome } = arrival.result;
  return { kind: "finished", instance, claim, startedAt, endedAt, random: random(), outcome };
}
