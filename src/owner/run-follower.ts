import type { TuttiError } from "../core/errors.ts";
import { isEndedRun, type RunState } from "../core/run-state.ts";
import type { ControlRequest } from "../engine/control-request.ts";
import type { RunListener } from "../engine/run-event.ts";
import { openWork, reopenView, type WorkOptions } from "./open-work.ts";
import { OwnerGone, type RetryOptions, type RunRequest } from "./run-session.ts";
import type { WorkSession } from "./work-session.ts";

type Begin = (session: WorkSession, listener: RunListener) => Promise<void>;

/**
 * Brings runs to their end, whoever the owner is: when it goes away, this process becomes the owner of what it follows, or
 * asks the next one. A command that started a run this way ends as if it had been alone.
 */
export class RunFollower {
  readonly #options: WorkOptions;
  #session: Promise<WorkSession> | null = null;
  #stopping = false;
  readonly #stopped: Promise<"stopped">;
  #stop: () => void = () => {};

  constructor(options: WorkOptions) {
    this.#options = options;
    this.#stopped = new Promise((resolve) => (this.#stop = () => resolve("stopped")));
  }

  /** The session of now: opened with the first use. */
  session(): Promise<WorkSession> {
    this.#session ??= openWork(this.#options);
    return this.#session;
  }

  /** `stopped`: by `stop`, before the run had ended. */
  run(request: RunRequest, listener: RunListener): Promise<RunState | "stopped"> {
    return this.#toEnd(request.id, listener, (session, told) => session.submit(request, told));
  }

  retry(runId: string, options: RetryOptions, listener: RunListener): Promise<RunState | "stopped"> {
    return this.#toEnd(runId, listener, (session, told) => session.retry(runId, options, told));
  }

  /** What opens an ended run again, or ends one that goes on. */
  control(runId: string, request: ControlRequest, listener: RunListener): Promise<RunState | "stopped"> {
    return this.#toEnd(runId, listener, async (session, told) => {
      await session.control(runId, request, told);
    });
  }

  resume(runId: string, listener: RunListener): Promise<RunState | "stopped"> {
    return this.#toEnd(runId, listener, (session, told) => session.resume(runId, told));
  }

  /** Whether the engine is in this process now. */
  async isOwner(): Promise<boolean> {
    return this.#session !== null && (await this.#session).isOwner;
  }

  async afterStop(runId: string): Promise<string> {
    return (await this.#session)?.afterStop(runId) ?? `To follow run ${runId} again: tutti logs ${runId} -f`;
  }

  /** An owner claims nothing more and lets running tasks end for up to `graceMs`; a client only stops following. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    await this.close(graceMs);
    this.#stop();
  }

  async close(graceMs: number): Promise<void> {
    const session = await this.#session?.catch(() => null);
    await session?.close(graceMs);
  }

  async #toEnd(runId: string, listener: RunListener, begin: Begin): Promise<RunState | "stopped"> {
    let start = begin;
    let begun = false;
    for (;;) {
      const opening = this.session();
      const end = new EndOfRun(listener);
      try {
        const session = await opening;
        await start(session, end.listener);
        begun = true;
        const state = await Promise.race([end.state, session.gone.then(() => null), this.#stopped]);
        if (state !== null) return state;
      } catch (error) {
        if (begun && (error as TuttiError).code === "RUN_ENDED") return (await this.#stored(runId)) ?? "failed";
        if (!(error instanceof OwnerGone)) throw error;
      }
      if (this.#stopping) return this.#stopped;
      // Several runs may be followed: the first to notice opens the next session for all.
      if (this.#session === opening) this.#session = null;
      const stored = await this.#stored(runId);
      // Otherwise the owner died before what was asked of it was durable, and it is asked again.
      if (begun || (stored !== null && !isEndedRun(stored))) start = (session, told) => session.resume(runId, told);
    }
  }

  /** `null`: the store does not know it. */
  async #stored(runId: string): Promise<RunState | null> {
    const reader = await reopenView(this.#options.config);
    try {
      return (await reader.runDetail(runId, { outputs: false }))?.run.state ?? null;
    } finally {
      await reader.close();
    }
  }
}

/** Hears the end of a run among what its listener is told. */
class EndOfRun {
  readonly state: Promise<RunState>;
  readonly listener: RunListener;

  constructor(listener: RunListener) {
    let ended: (state: RunState) => void = () => {};
    this.state = new Promise((resolve) => (ended = resolve));
    this.listener = (event) => {
      listener(event);
      if (event.kind === "run" && isEndedRun(event.state)) ended(event.state);
    };
  }
}
