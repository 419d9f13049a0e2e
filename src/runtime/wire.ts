import type { Assignment, Finished, FromChild, RunInfo, ToChild, VersionInfo } from "./protocol.ts";

/**
 * Messages as they travel. The two that every task costs, its start and a plain success, and what is told of each run, are lists
 * without names: half as long, and written and read in a third of the time. All others travel as they are.
 */
export type WireStart = readonly [
  slot: number,
  taskRunId: number,
  claim: number,
  runId: string,
  task: number,
  mapIndex: number | null,
  attempt: number,
  idempotencyKey: string,
  isolation: Assignment["isolation"],
  timeoutMs: number | null,
  values: Assignment["values"],
  wait: Assignment["wait"],
  wokenAt?: number,
];

/** A version is told once in full; then the number of those told before it stands for it. */
export type WireRun = readonly [
  runId: string,
  version: VersionInfo | number,
  params: string | null,
  start: number,
  end: number,
  date: string,
  trigger: RunInfo["trigger"],
  generation: number,
  backfill: string | null,
  cause?: string | null,
  partition?: RunInfo["partition"],
];

/** Of a task that succeeded with a small value and nothing beside it: no list that is mapped over, no events, no word about the cache. */
export type WireFinished = readonly [
  taskRunId: number,
  claim: number,
  startedAt: number | null,
  endedAt: number,
  text: string,
];

export type WireToChild = WireStart | WireRun | Exclude<ToChild, { kind: "start" | "run" }>;
export type WireFromChild = WireFinished | FromChild;

/** What one child is told. */
export class ToChildPacker {
  readonly #versions = new Map<string, number>();

  pack(message: ToChild): WireToChild {
    if (message.kind === "start") return packStart(message);
    return message.kind === "run" ? this.#packRun(message.run) : message;
  }

  #packRun({ runId, version, params, interval, date, trigger, generation, backfill, ...more }: RunInfo): WireRun {
    const { cause, partition } = more;
    const told = this.#versions.get(version.hash);
    if (told === undefined) this.#versions.set(version.hash, this.#versions.size);
    const run = [runId, told ?? version, params, interval.start, interval.end, date, trigger, generation] as const;
    if (partition !== undefined) return [...run, backfill, cause ?? null, partition];
    return cause === undefined ? [...run, backfill] : [...run, backfill, cause];
  }
}

/** What one child hears, in the order in which it was packed. */
export class ToChildUnpacker {
  readonly #versions: VersionInfo[] = [];

  unpack(message: WireToChild): ToChild {
    if ("kind" in message) return message;
    return isRun(message) ? { kind: "run", run: this.#unpackRun(message) } : unpackStart(message);
  }

  #unpackRun([
    runId,
    told,
    params,
    start,
    end,
    date,
    trigger,
    generation,
    backfill,
    cause,
    partition,
  ]: WireRun): RunInfo {
    if (typeof told !== "number") this.#versions.push(told);
    const version = typeof told === "number" ? this.#versions[told]! : told;
    const run = { runId, version, params, interval: { start, end }, date, trigger, generation, backfill };
    return {
      ...run,
      ...(cause !== undefined && { cause }),
      ...(partition !== undefined && { partition }),
    };
  }
}

const isRun = (message: WireStart | WireRun): message is WireRun => typeof message[0] === "string";

function packStart({ slot, task: of }: ToChild & { kind: "start" }): WireStart {
  const { taskRunId, claim, runId, task, mapIndex, attempt, idempotencyKey, isolation, timeoutMs } = of;
  const start = [slot, taskRunId, claim, runId, task, mapIndex, attempt, idempotencyKey, isolation, timeoutMs] as const;
  return of.wokenAt === undefined ? [...start, of.values, of.wait] : [...start, of.values, of.wait, of.wokenAt];
}

function unpackStart(message: WireStart): ToChild {
  return {
    kind: "start",
    slot: message[0],
    task: {
      taskRunId: message[1],
      claim: message[2],
      runId: message[3],
      task: message[4],
      mapIndex: message[5],
      attempt: message[6],
      idempotencyKey: message[7],
      isolation: message[8],
      timeoutMs: message[9],
      values: message[10],
      wait: message[11],
      ...(message[12] !== undefined && { wokenAt: message[12] }),
    },
  };
}

export function packFromChild(message: FromChild): WireFromChild {
  if (message.kind !== "finished" || message.outcome.state !== "succeeded") return message;
  const { output, lists, arms, events, cacheKey, cached } = message.outcome;
  if (output?.kind !== "inline" || lists !== null || arms !== null) return message;
  if (events !== undefined || cacheKey !== undefined || cached !== undefined) return message;
  return [message.taskRunId, message.claim, message.startedAt, message.endedAt, output.text];
}

export function unpackFromChild(message: WireFromChild): FromChild {
  if ("kind" in message) return message;
  const [taskRunId, claim, startedAt, endedAt, text] = message;
  const outcome: Finished["outcome"] = {
    state: "succeeded",
    output: { kind: "inline", text },
    lists: null,
    arms: null,
  };
  return { kind: "finished", taskRunId, claim, startedAt, endedAt, outcome };
}
