import { addMs, type Instant } from "../../core/clock.ts";
import { toErrorData } from "../../core/error-data.ts";
import { TuttiError } from "../../core/errors.ts";
import type { Cause } from "../../core/event.ts";
import { REFUSED_RUN, refusalUid, type RunAsk } from "../../core/run-call.ts";
import type { TaskInstance } from "../../core/task-instance.ts";
import { decodeValue } from "../../core/value-codec.ts";
import type { NewRun, Store, VersionRecord } from "../../store/store.ts";
import type { EngineClock } from "../engine-clock.ts";
import type { LiveRun } from "../live-run.ts";
import { newRun } from "../new-run.ts";
import type { AcceptedParams } from "../parse-params.ts";
import { mayPass } from "./trigger-verdict.ts";

export interface RunCallsDeps {
  readonly store: Pick<Store, "calls" | "events">;
  /** Of the code that begins; `null`: there is no such workflow. */
  readonly calledVersion: (workflow: string) => Promise<VersionRecord | null>;
  readonly clock: EngineClock;
  /** The number under which it holds runs; `undefined`: it is the only one. */
  readonly scheduler: () => number | undefined;
  readonly engine: {
    parse(version: VersionRecord, params: unknown): Promise<AcceptedParams>;
    /** A run that was recorded for it begins. */
    begin(run: NewRun, version: VersionRecord): Promise<void>;
    /** A run goes on that it may not have begun. @throws TuttiError `RUN_ENDED`, `RUN_HELD_ELSEWHERE` */
    resume(runId: string): Promise<void>;
  };
  /** A refusal was recorded. */
  readonly refused: () => void;
}

/** By its place in the run: when the run is loaded again, another object stands for the same task run. */
interface Asked extends Pick<TaskInstance, "task" | "index" | "claim"> {
  readonly run: LiveRun;
  readonly ask: RunAsk;
}

/** How often it is tried again where the store or the code can't be had, at most. */
const TRY_AGAIN_MS = 1_000;
/** Runs that have asked for each other and all wait. Deeper than anybody means it. */
const MAX_DEPTH = 50;

/** In the chain of a run that a task run has asked for: that workflow waits for it. */
const WAITS = "ctx.runWorkflow";

/**
 * Starts the runs that task runs have asked for and wait for. What was asked is durable with the wait, under the id that the run gets, so whoever
 * advances the waiting run may start it, as often as it takes, and it is started once.
 */
export class RunCalls {
  readonly #deps: RunCallsDeps;
  /** By the id of the run that is asked for. */
  readonly #asked = new Map<string, Asked>();
  /** Runs that may have been recorded for this engine, and that it has not begun. */
  readonly #unbegun = new Set<string>();
  #working: Promise<void> | null = null;
  #stopped = false;

  constructor(deps: RunCallsDeps) {
    this.#deps = deps;
  }

  /** It starts some. */
  get busy(): boolean {
    return this.#working !== null;
  }

  /** It waits, and that is durable; or it was loaded while it did. Said twice, it is one. */
  add(run: LiveRun, { task, index, claim, wait }: TaskInstance): void {
    for (const ask of wait?.runs ?? []) this.#asked.set(ask.id, { run, task, index, claim, ask });
    this.#look();
  }

  /** Starts no more. */
  stop(): void {
    this.#stopped = true;
  }

  #look(): void {
    if (this.#asked.size === 0 || this.#stopped) return;
    this.#working ??= this.#work().finally(() => (this.#working = null));
  }

  async #work(): Promise<void> {
    const { clock } = this.#deps;
    // What is said again meanwhile, of another claim, is looked at again.
    for (let next = first(this.#asked); next !== null && !this.#stopped; next = first(this.#asked)) {
      try {
        if (waits(next) || this.#unbegun.has(next.ask.id)) await this.#start(next);
      } catch {
        // A store, or code, that can't be had now.
        clock.at(addMs(clock.now(), TRY_AGAIN_MS), () => this.#look());
        return;
      }
      if (this.#asked.get(next.ask.id) === next) this.#asked.delete(next.ask.id);
    }
  }

  async #start(asked: Asked): Promise<void> {
    const { run, ask } = asked;
    const { store, clock, scheduler, engine, calledVersion } = this.#deps;
    if ((await store.calls.head(ask.id)) !== null) {
      // Recorded, and the answer was lost, or its code could not be had: it is this engine's, so nobody else begins it.
      if (this.#unbegun.has(ask.id)) await unlessOver(engine.resume(ask.id));
      return void this.#unbegun.delete(ask.id);
    }
    if (!waits(asked)) return void this.#unbegun.delete(ask.id);
    const now = clock.now();
    let made: { readonly version: VersionRecord; readonly run: NewRun; readonly cause: Cause };
    try {
      const cause = causeOf(run, ask);
      const version = await calledVersion(ask.workflow);
      if (version === null) throw notFound(ask);
      const input = ask.params === null ? undefined : decodeValue(ask.params);
      const parsed = await engine.parse(version, input);
      const { intervalStart, intervalEnd, date, timezone } = run.record;
      const window = { start: intervalStart, end: intervalEnd, date, timezone };
      const accepted = { id: ask.id, versionId: version.id, input, parsed, window, trigger: "run" as const };
      made = { version, cause, run: newRun(accepted, now) };
    } catch (thrown) {
      if (mayPass(thrown)) throw thrown;
      return this.#refuse(run, ask, thrown, now);
    }
    const cause = JSON.stringify(made.cause);
    this.#unbegun.add(ask.id);
    if (await store.calls.start(made.run, made.cause, scheduler()))
      await engine.begin({ ...made.run, cause }, made.version);
    this.#unbegun.delete(ask.id);
  }

  async #refuse(run: LiveRun, ask: RunAsk, thrown: unknown, at: Instant): Promise<void> {
    const { store, refused, scheduler } = this.#deps;
    const { name, code, message } = toErrorData(thrown);
    const payload = JSON.stringify({ runId: ask.id, error: { name, message, ...(code !== undefined && { code }) } });
    const event = { kind: REFUSED_RUN, name: ask.workflow, payload, key: null, partition: null } as const;
    const uid = refusalUid(ask.id);
    await store.events.record({ events: [{ ...event, uid, runId: run.id, at }], starts: [] }, scheduler());
    refused();
  }
}

const first = (asked: ReadonlyMap<string, Asked>): Asked | null => asked.values().next().value ?? null;

const waits = ({ run, task, index, claim }: Asked): boolean => {
  const instance = run.instanceAt(task, index);
  return !run.released && instance?.state === "deferred" && instance.claim === claim;
};

const OVER = new Set(["RUN_ENDED", "RUN_HELD_ELSEWHERE"]);

/** It has ended meanwhile, or another process has taken it. */
async function unlessOver(done: Promise<void>): Promise<void> {
  try {
    await done;
  } catch (thrown) {
    if (!OVER.has(toErrorData(thrown).code ?? "")) throw thrown;
  }
}

/** @throws TuttiError `RUN_CYCLE` */
function causeOf({ id, record }: LiveRun, ask: RunAsk): Cause {
  const before = record.cause ? (JSON.parse(record.cause) as Cause) : null;
  const waiting = before?.trigger === WAITS ? before.chain : [];
  const chain = [...waiting, record.workflow];
  if (chain.includes(ask.workflow))
    throw new TuttiError(
      "RUN_CYCLE",
      `"${ask.workflow}" is among the workflows that wait for run "${id}", so none of them would ever end: ${[...chain, ask.workflow].map((name) => `"${name}"`).join(" -> ")}. Share what both need as a task, or start it with an event, which nobody waits for.`,
    );
  if (chain.length >= MAX_DEPTH)
    throw new TuttiError(
      "RUN_CYCLE",
      `${MAX_DEPTH} workflows wait for each other already: ${chain.slice(-5).join(" -> ")}.`,
    );
  return { trigger: WAITS, events: [], chain };
}

const notFound = ({ workflow }: RunAsk): TuttiError =>
  new TuttiError(
    "WORKFLOW_NOT_FOUND",
    `there is no workflow "${workflow}" in the store. Is its file under "pipelines/", does it load, and, on PostgreSQL, is it deployed? tutti check, tutti deploy`,
  );
