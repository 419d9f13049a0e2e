import type { Fleet, HeldClaim, NewResult } from "../../store/fleet.ts";
import type { EngineClock } from "../engine-clock.ts";
import { patiently } from "../patience.ts";
import { encodeResult, type ResultMessage } from "../result-message.ts";

export interface OutboxDeps {
  readonly worker: string;
  readonly fleet: Pick<Fleet, "addResults">;
  readonly clock: EngineClock;
  /** Before each batch: whoever sees a result finds its log. */
  readonly flushLogs: () => void;
  /** They are durable, and these schedulers have something to read. */
  readonly written: (schedulers: readonly number[]) => void;
  /** Whether to give up what cannot be written now. */
  readonly isOver: () => boolean;
  /** The store refuses for good. */
  readonly refused: (error: unknown) => void;
}

/** Of one batch: what a statement carries without getting slow. A single result may be larger. */
const MAX_ROWS = 1_000;
const MAX_LENGTH = 4 * 1024 * 1024;

/**
 * Results on their way to the store: what gathers while one batch is being written goes together with the next. They are kept
 * until they are written, also past the lease: the claim decides whether they still count.
 */
export class ResultOutbox {
  readonly #deps: OutboxDeps;
  readonly #waiting: NewResult[] = [];
  #underWay: readonly NewResult[] = [];
  #writing: Promise<void> | null = null;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
  }

  /** Results that are not durable yet. */
  get size(): number {
    return this.#waiting.length + this.#underWay.length;
  }

  has({ taskRunId, claim }: HeldClaim): boolean {
    const isIt = (result: NewResult): boolean => result.taskRunId === taskRunId && result.claim === claim;
    return this.#waiting.some(isIt) || this.#underWay.some(isIt);
  }

  add(runId: string, message: ResultMessage): void {
    this.#waiting.push(encodeResult(runId, this.#deps.worker, message));
    this.#writing ??= this.#write();
  }

  /** When all that was added is durable, or given up. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    // What arrives in the same turn goes along.
    await Promise.resolve();
    const { fleet, clock, flushLogs, written, isOver, refused } = this.#deps;
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      this.#underWay = batch;
      flushLogs();
      try {
        const schedulers = await patiently(clock, () => fleet.addResults(batch), isOver);
        this.#underWay = [];
        written(schedulers);
      } catch (error) {
        this.#underWay = [];
        if (!isOver()) refused(error);
      }
    }
    this.#writing = null;
  }

  #take(): NewResult[] {
    let rows = 0;
    let length = 0;
    for (const { payload } of this.#waiting) {
      length += payload.length;
      if (rows === MAX_ROWS || (rows > 0 && length > MAX_LENGTH)) break;
      rows += 1;
    }
    return this.#waiting.splice(0, rows);
  }
}
