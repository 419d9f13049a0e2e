import { systemClock } from "../core/clock.ts";
import { TuttiError } from "../core/errors.ts";
import { isEndedRun } from "../core/run-state.ts";
import type { RunListener } from "../engine/run-event.ts";
import { openSqliteInbox, openSqliteReader } from "../store/sqlite/open-sqlite-store.ts";
import { whoOwns } from "../store/sqlite/owner-lock.ts";
import type { RunRecord } from "../store/store.ts";
import type { CommandKind } from "./command-poll.ts";
import type { RunRequest, RunSession } from "./run-session.ts";

const LOOK_EVERY_MS = 250;
/** An owner looks into its inbox twice a second; one that is this late is suspended, or has more to do than it can. */
const TAKEN_LIMIT_MS = 5_000;

/** The engine in another process whose socket does not answer: commands are left in the store, and what comes of them is looked up there. */
export class InboxSession implements RunSession {
  readonly isOwner = false;
  readonly gone: Promise<void>;
  readonly #path: string;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(path: string) {
    this.#path = path;
    this.gone = new Promise((resolve) => this.#every(() => whoOwns(path) === null && (resolve(), true)));
  }

  async submit(request: RunRequest, listener: RunListener): Promise<void> {
    await this.#leave("submit", request.id, request);
    await this.#until(request.id, () => true);
    this.#watch(request.id, listener);
  }

  async retry(runId: string, listener: RunListener): Promise<void> {
    const before = (await this.#look(runId))?.generation ?? 0;
    await this.#leave("retry", runId);
    await this.#until(runId, ({ generation }) => generation > before);
    this.#watch(runId, listener);
  }

  async resume(runId: string, listener: RunListener): Promise<void> {
    await this.#leave("resume", runId);
    this.#watch(runId, listener);
  }

  async cancel(runId: string): Promise<void> {
    await this.#leave("cancel", runId);
    await this.#until(runId, ({ state, cancelRequested }) => cancelRequested || isEndedRun(state));
  }

  async follow(runId: string, listener: RunListener): Promise<boolean> {
    const first = await this.#look(runId);
    if (first === null || isEndedRun(first.state)) return false;
    this.#watch(runId, listener);
    return true;
  }

  async prune(): Promise<never> {
    throw silent(this.#path);
  }

  async status(): Promise<never> {
    throw silent(this.#path);
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** Tells how the run is, again and again, and its end: also one that came before the first look. */
  #watch(runId: string, listener: RunListener): void {
    this.#every(async () => {
      const run = await this.#look(runId);
      if (run === null) return true;
      const { state, counts } = run;
      const ended = isEndedRun(state);
      listener(ended ? { kind: "run", state, counts } : { kind: "snapshot", run: state, counts });
      return ended;
    });
  }

  async #leave(kind: CommandKind, runId: string, payload?: unknown): Promise<void> {
    const inbox = await openSqliteInbox({ path: this.#path });
    try {
      await inbox.addCommand({
        kind,
        runId,
        payload: payload === undefined ? null : JSON.stringify(payload),
        createdAt: systemClock.now(),
      });
    } finally {
      await inbox.close();
    }
  }

  async #look(runId: string) {
    const reader = await openSqliteReader({ path: this.#path });
    try {
      const found = await reader.runDetail(runId, { outputs: false });
      return found === null ? null : { ...found.run, counts: found.counts };
    } finally {
      await reader.close();
    }
  }

  /** @throws TuttiError `OWNER_SILENT` */
  async #until(runId: string, holds: (run: RunRecord) => boolean): Promise<void> {
    const limit = performance.now() + TAKEN_LIMIT_MS;
    for (;;) {
      const run = await this.#look(runId);
      if (run !== null && holds(run)) return;
      if (performance.now() > limit) throw silent(this.#path);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /** Until it answers true, or this session is closed. A store that can't be read now is looked at again. */
  #every(look: () => boolean | Promise<boolean>): void {
    const timer = setInterval(() => {
      void this.#done(look).then((done) => {
        if (!done) return;
        clearInterval(timer);
        this.#timers.delete(timer);
      });
    }, LOOK_EVERY_MS);
    this.#timers.add(timer);
  }

  async #done(look: () => boolean | Promise<boolean>): Promise<boolean> {
    try {
      return await look();
    } catch {
      return false;
    }
  }
}

function silent(path: string): TuttiError {
  const owner = whoOwns(path);
  const who =
    owner === null || owner.pid === null
      ? "The process that owns the store"
      : `Process ${owner.pid} ("${owner.command}") owns the store and`;
  return new TuttiError(
    "OWNER_SILENT",
    `${who} does not answer. Is it suspended? Go on with it, or end it; what was asked of it stays in the store until then.`,
  );
}
