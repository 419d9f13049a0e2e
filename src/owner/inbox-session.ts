import { setTimeout as pause } from "node:timers/promises";
import { isEndedBackfill, STATE_AFTER } from "../core/backfill-state.ts";
import { systemClock } from "../core/clock.ts";
import { TuttiError } from "../core/errors.ts";
import { isEndedRun } from "../core/run-state.ts";
import type { ControlRequest } from "../engine/control-request.ts";
import type { RunListener } from "../engine/run-event.ts";
import type { AccessChange, AccessResult, AuditEntry } from "../store/access.ts";
import { whoOwns } from "../store/sqlite/owner-lock.ts";
import type { BackfillRecord } from "../store/backfills.ts";
import type { StoreReader, WorkflowSummary } from "../store/reader.ts";
import type { PauseState } from "../store/schedules.ts";
import type { RunRecord } from "../store/store.ts";
import { backfillOf, type BackfillRequest } from "./backfill-request.ts";
import type { CommandKind } from "./command-poll.ts";
import { refusalOf } from "./fleet/refusals.ts";
import { openInbox, openReader } from "./open-store.ts";
import {
  type CancelOptions,
  type EmitRequest,
  goesOnWithOwner,
  NOBODY,
  type RetryOptions,
  type RunRequest,
  type RunSession,
} from "./run-session.ts";

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

  async retry(runId: string, options: RetryOptions, listener: RunListener): Promise<void> {
    const generation = (await this.#look(runId))?.generation ?? 0;
    const command = await this.#leave("retry", runId, { ...options, generation });
    await this.#carriedOut("retry", runId, command);
    this.#watch(runId, listener);
  }

  async resume(runId: string, listener: RunListener): Promise<void> {
    await this.#leave("resume", runId);
    this.#watch(runId, listener);
  }

  async cancel(runId: string): Promise<void> {
    const generation = (await this.#look(runId))?.generation;
    const command = await this.#leave("cancel", runId, { generation } satisfies CancelOptions);
    await this.#carriedOut("cancel", runId, command);
  }

  async control(runId: string, request: ControlRequest, listener: RunListener): Promise<null> {
    await this.#leave("control", runId, request);
    this.#watch(runId, listener);
    return null;
  }

  async resizePool(): Promise<never> {
    throw silent(this.#path);
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

  /** A line of the audit log may wait; who may do what may not. */
  async administer(change: AccessChange, audit: AuditEntry | null): Promise<AccessResult> {
    if (change.kind !== "record") throw silent(this.#path);
    await this.#leave("audit", null, audit);
    return { applied: true };
  }

  /** Nobody tells: who wants to know looks. */
  async changes(): Promise<() => void> {
    return () => {};
  }

  async deploy(): Promise<never> {
    throw silent(this.#path);
  }

  async setPaused(workflow: string, by: string | null): Promise<PauseState | null> {
    const look = async () => {
      const summary = (await this.#workflows()).find(({ name }) => name === workflow);
      return summary === undefined ? null : (summary.paused ?? "not paused");
    };
    const before = await look();
    if (before === null) return null;
    if ((before === "not paused") === (by === null)) return pauseState(before, true);
    await this.#leave("set_paused", null, { workflow, by });
    for (const limit = performance.now() + TAKEN_LIMIT_MS; performance.now() < limit;) {
      const now = await look();
      if (now !== null && (now === "not paused") === (by === null)) return pauseState(now, false);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    throw silent(this.#path);
  }

  async backfill(request: BackfillRequest): Promise<BackfillRecord | null> {
    const id = backfillOf(request);
    const look = () => this.#reading((reader) => reader.findBackfill(id)).catch(() => null);
    if (request.kind !== "create" && (await look()) === null) return null;
    await this.#leave("backfill", null, request);
    for (const limit = performance.now() + TAKEN_LIMIT_MS; performance.now() < limit;) {
      const found = await look();
      if (found !== null && (request.kind === "create" || found.state === STATE_AFTER[request.kind])) return found;
      if (found !== null && isEndedBackfill(found.state)) return found;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    throw silent(this.#path);
  }

  async retryAlert(): Promise<never> {
    throw silent(this.#path);
  }

  async emit(request: EmitRequest): Promise<null> {
    await this.#leave("emit", null, request);
    return null;
  }

  async status(): Promise<never> {
    throw silent(this.#path);
  }

  afterStop(runId: string): string {
    return goesOnWithOwner(runId);
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** Tells how the run is, again and again, and its end: also one that came before the first look. */
  #watch(runId: string, listener: RunListener): void {
    if (listener === NOBODY) return;
    this.#every(async () => {
      const run = await this.#look(runId);
      if (run === null) return true;
      const { state, counts } = run;
      const ended = isEndedRun(state);
      listener(ended ? { kind: "run", state, counts } : { kind: "snapshot", run: state, counts });
      return ended;
    });
  }

  #workflows(): Promise<readonly WorkflowSummary[]> {
    return this.#reading((reader) => reader.listWorkflows());
  }

  async #reading<T>(read: (reader: StoreReader) => Promise<T>): Promise<T> {
    const reader = await openReader({ kind: "sqlite", path: this.#path });
    try {
      return await read(reader);
    } finally {
      await reader.close();
    }
  }

  async #leave(kind: CommandKind, runId: string | null, payload?: unknown): Promise<number> {
    const inbox = await openInbox({ kind: "sqlite", path: this.#path });
    try {
      return await inbox.addCommand({
        kind,
        runId,
        payload: payload === undefined ? null : JSON.stringify(payload),
        createdAt: systemClock.now(),
      });
    } finally {
      await inbox.close();
    }
  }

  /** That very one: of two who ask for the same, one has done it. @throws TuttiError as the engine; `COMMAND_REFUSED`, `OWNER_SILENT` */
  async #carriedOut(kind: CommandKind, runId: string, command: number): Promise<void> {
    const inbox = await openInbox({ kind: "sqlite", path: this.#path });
    try {
      for (const limit = performance.now() + TAKEN_LIMIT_MS; ; await pause(LOOK_EVERY_MS)) {
        const outcome = await inbox.outcome(command);
        if (outcome === "carried out") return;
        if (outcome !== "waits") throw refusalOf(outcome, kind, runId);
        if (performance.now() > limit) throw silent(this.#path);
      }
    } finally {
      await inbox.close();
    }
  }

  #look(runId: string) {
    return this.#reading(async (reader) => {
      const found = await reader.runDetail(runId, { outputs: false });
      return found === null ? null : { ...found.run, counts: found.counts };
    });
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

const pauseState = (now: "not paused" | NonNullable<WorkflowSummary["paused"]>, unchanged: boolean): PauseState =>
  now === "not paused"
    ? { pausedAt: null, pausedBy: null, unchanged }
    : { pausedAt: now.at, pausedBy: now.by, unchanged };

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
