import { type Instant, systemClock } from "../core/clock.ts";
import type { Config } from "../loader/config.ts";
import { pruneBatch, type RetentionDeps } from "./retention.ts";

/** A command of a few seconds has better to do. */
const FIRST_AFTER_MS = 3_000;
const EVERY_MS = 10 * 60_000;
/** Between two batches while there is more. */
const PAUSE_MS = 250;

/** Automatic retention by age, in small batches, beside whatever the owner does. */
export class RetentionTimer {
  readonly #retention: Config["retention"];
  readonly #deps: RetentionDeps;
  readonly #notice: (text: string) => void;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(retention: Config["retention"], deps: RetentionDeps, notice: (text: string) => void) {
    this.#retention = retention;
    this.#deps = deps;
    this.#notice = notice;
  }

  start(): void {
    this.#in(FIRST_AFTER_MS);
  }

  /** One batch. */
  async tick(now: Instant = systemClock.now()): Promise<boolean> {
    const before = (kind: keyof Config["retention"]): Instant | null =>
      this.#retention[kind] === null ? null : now - this.#retention[kind] * 1000;
    const { more } = await pruneBatch(this.#deps, {
      runs: before("runs"),
      versions: before("versions"),
      logs: before("logs"),
      artifacts: before("artifacts"),
      events: before("events"),
    });
    return more;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#running;
  }

  #in(ms: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#batch();
    }, ms).unref();
  }

  async #batch(): Promise<void> {
    try {
      this.#in((await this.tick()) ? PAUSE_MS : EVERY_MS);
    } catch (error) {
      this.#notice(`Old runs could not be pruned: ${(error as Error).message}`);
      this.#in(EVERY_MS);
    }
  }
}
