import type { WatchdogAnswer } from "../../runtime/protocol.ts";
import type { Child } from "./child.ts";

const BEATS_PER_LIMIT = 4;
/** How often the memory of a child that talks anyway is asked for. */
const MEMORY_EVERY_MS = 5_000;

export interface BlockWatchOptions {
  readonly blockedMs: number;
  readonly children: Iterable<Child>;
  /** Some of its tasks may be taken back now. */
  readonly answered: (child: Child, answer: WatchdogAnswer) => void;
  readonly unblocked: (child: Child, blockedMs: number) => void;
}

/**
 * Beats while children have work: asks those that are silent, and notices when one's loop does not answer. Wrong when the host's own loop
 * stalls, so a late beat counts nothing.
 */
export class BlockWatch {
  readonly #options: BlockWatchOptions;
  readonly #beatMs: number;
  #timer: NodeJS.Timeout | null = null;
  #lastBeat = 0;
  #lastMemory = 0;
  #questions = 0;

  constructor(options: BlockWatchOptions) {
    this.#options = options;
    this.#beatMs = options.blockedMs / BEATS_PER_LIMIT;
  }

  get beatMs(): number {
    return this.#beatMs;
  }

  /** To be called when there is work. */
  wake(): void {
    if (this.#timer !== null) return;
    this.#lastBeat = performance.now();
    this.#timer = setInterval(() => this.#beat(), this.#beatMs);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** To be called for whatever a child says. */
  heard(child: Child): void {
    child.heardAt = performance.now();
    child.pinged = false;
    if (child.blockedSince === null) return;
    const blockedMs = child.heardAt - child.blockedSince;
    child.blockedSince = null;
    this.#options.unblocked(child, blockedMs);
    child.blocker = null;
    child.blockedWhere = null;
    child.blockExplained = false;
  }

  answered(child: Child, answer: WatchdogAnswer): void {
    if (child.blockedSince !== null) {
      child.blockExplained = true;
      child.blocker = [...child.tasks.values()].find((task) => task.slot === answer.running) ?? null;
      child.blockedWhere = answer.where;
    }
    this.#options.answered(child, answer);
  }

  #beat(): void {
    const now = performance.now();
    const late = now - this.#lastBeat > this.#beatMs * 2;
    const askMemory = now - this.#lastMemory > MEMORY_EVERY_MS;
    this.#lastBeat = now;
    if (askMemory) this.#lastMemory = now;
    let busy = false;
    for (const child of this.#options.children) {
      if (child.tasks.size === 0) continue;
      busy = true;
      if (late) child.heardAt = Math.max(child.heardAt, now - this.#beatMs);
      this.#look(child, now, askMemory);
    }
    if (!busy) this.stop();
  }

  #look(child: Child, now: number, askMemory: boolean): void {
    const silentMs = now - child.heardAt;
    if (!child.pinged && (askMemory || silentMs >= this.#beatMs)) child.ping();
    if (silentMs < this.#options.blockedMs || child.blockedSince !== null) return;
    child.blockedSince = child.heardAt;
    child.ask({
      question: ++this.#questions,
      tasks: [...child.tasks.values()]
        .filter((task) => task.startedAt === null)
        .map(({ slot, turn }) => ({ slot, turn })),
    });
  }
}
