import type { TuttiError } from "../core/errors.ts";
import type { Engine } from "../engine/engine.ts";
import type { ControlRequest } from "../engine/control-request.ts";
import type { AuditEntry } from "../store/access.ts";
import type { CommandRecord } from "../store/command-inbox.ts";
import type { Store } from "../store/store.ts";
import type { BackfillRequest } from "./backfill-request.ts";
import {
  type CancelOptions,
  type EmitRequest,
  NOBODY,
  type RetryOptions,
  type RunRequest,
  type RunSession,
} from "./run-session.ts";

/** Only a net: an owner hears of commands over its socket, a scheduler is woken up. */
const EVERY_MS = 500;
const A_BATCH = 100;

/** The kinds of commands in the store's inbox, and what stands in their payload. */
export const COMMANDS = [
  "submit",
  "retry",
  "resume",
  "cancel",
  "control",
  "set_paused",
  "backfill",
  "emit",
  "audit",
] as const;
export type CommandKind = (typeof COMMANDS)[number];

export interface CommandPollDeps {
  readonly store: Store;
  /** Who does it: an owner, or the engine of one of several schedulers, which is left only what is about runs. */
  readonly session: Pick<RunSession, "retry" | "resume" | "control"> &
    Pick<Engine, "cancel"> &
    Partial<Pick<RunSession, "submit" | "setPaused" | "backfill" | "emit">>;
  readonly notice: (text: string) => void;
  /** The number of the scheduler whose commands are carried out here. Default: all are. */
  readonly scheduler?: () => number | undefined;
  /** A command waits no longer: carried out, or refused. Default: nobody is told. */
  readonly onDone?: (command: CommandRecord) => void;
}

/** Carries out what other processes left in the store. */
export class CommandPoll {
  readonly #deps: CommandPollDeps;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;
  #running: Promise<void> | null = null;
  #again = false;

  constructor(deps: CommandPollDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.look();
    this.#timer = setInterval(() => this.look(), EVERY_MS).unref();
  }

  /** There may be a command: looks now, or once more when it is looking already. */
  look(): void {
    if (this.#stopped) return;
    if (this.#running !== null) return void (this.#again = true);
    this.#running = this.tick().finally(() => {
      this.#running = null;
      if (!this.#again) return;
      this.#again = false;
      this.look();
    });
  }

  /** A command is removed after it was done: a crash in between delivers it again, and what goes by a generation is refused then. */
  async tick(): Promise<void> {
    const { store, notice, scheduler, onDone } = this.#deps;
    try {
      for (const command of await store.pendingCommands(A_BATCH, scheduler?.())) {
        if (this.#stopped) return;
        const error = await this.#do(command).then(
          () => null,
          (thrown: TuttiError) => thrown,
        );
        // Whoever holds the run by now gets the command as well.
        if (error?.code === "RUN_HELD_ELSEWHERE") continue;
        if (error === null) await store.removeCommands([command.id]);
        else {
          notice(`A command left in the store ("${command.kind}") was refused: ${error.message} [${error.code}]`);
          await store.refuseCommand(command.id, { code: error.code ?? null, message: error.message });
        }
        onDone?.(command);
      }
    } catch {
      // A store that can't be read or written now: the next tick tries again.
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#running;
  }

  async #do({ kind, runId, payload }: CommandRecord): Promise<void> {
    const { session } = this.#deps;
    if (kind === "set_paused") {
      const { workflow, by } = JSON.parse(payload ?? "{}") as { workflow: string; by: string | null };
      return void (await session.setPaused?.(workflow, by));
    }
    if (kind === "backfill") return void (await session.backfill?.(JSON.parse(payload ?? "{}") as BackfillRequest));
    if (kind === "emit") return void (await session.emit?.(JSON.parse(payload ?? "{}") as EmitRequest));
    if (kind === "audit")
      return void (await this.#deps.store.access.apply({ kind: "record" }, JSON.parse(payload ?? "") as AuditEntry));
    switch (kind as CommandKind) {
      case "submit":
        if (session.submit === undefined) throw new TypeError("runs are accepted by whoever starts them");
        return session.submit(JSON.parse(payload ?? "") as RunRequest, NOBODY);
      case "retry":
        return session.retry(runId ?? "", JSON.parse(payload ?? "{}") as RetryOptions, NOBODY);
      case "resume":
        return session.resume(runId ?? "", NOBODY);
      case "cancel":
        return session.cancel(runId ?? "", (JSON.parse(payload ?? "{}") as CancelOptions).generation);
      case "control":
        return void (await session.control(runId ?? "", JSON.parse(payload ?? "{}") as ControlRequest, NOBODY));
      default:
        throw new TypeError("it is of another release");
    }
  }
}
