import type { TuttiError } from "../core/errors.ts";
import type { CommandRecord } from "../store/command-inbox.ts";
import type { Store } from "../store/store.ts";
import type { RunRequest, RunSession } from "./run-session.ts";

/** Only a net: what reaches the owner over its socket never comes here. */
const EVERY_MS = 500;
const A_BATCH = 100;

/** The kinds of commands in the store's inbox, and what stands in their payload. */
export const COMMANDS = ["submit", "retry", "resume", "cancel"] as const;
export type CommandKind = (typeof COMMANDS)[number];

/** Does what other processes left in the store because the socket did not answer them. */
export class CommandPoll {
  readonly #store: Store;
  readonly #session: RunSession;
  readonly #notice: (text: string) => void;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(store: Store, session: RunSession, notice: (text: string) => void) {
    this.#store = store;
    this.#session = session;
    this.#notice = notice;
  }

  start(): void {
    this.#running = this.tick();
    this.#timer = setTimeout(() => {
      void this.#running.then(() => this.#stopped || this.start());
    }, EVERY_MS).unref();
  }

  /** A command is removed after it was done: a crash in between delivers it again, which does no harm. */
  async tick(): Promise<void> {
    try {
      for (const command of await this.#store.pendingCommands(A_BATCH)) {
        if (this.#stopped) return;
        await this.#do(command).catch((error: TuttiError) =>
          this.#notice(`A command left in the store ("${command.kind}") was refused: ${error.message} [${error.code}]`),
        );
        await this.#store.removeCommands([command.id]);
      }
    } catch {
      // A store that can't be read or written now: the next tick tries again.
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#running;
  }

  async #do({ kind, runId, payload }: CommandRecord): Promise<void> {
    switch (kind as CommandKind) {
      case "submit":
        return this.#session.submit(JSON.parse(payload ?? "") as RunRequest, nobody);
      case "retry":
        return this.#session.retry(runId ?? "", nobody);
      case "resume":
        return this.#session.resume(runId ?? "", nobody);
      case "cancel":
        return this.#session.cancel(runId ?? "");
      default:
        throw new TypeError("it is of another release");
    }
  }
}

const nobody = (): void => {};
