import { systemClock } from "../core/clock.ts";
import { TuttiError } from "../core/errors.ts";
import type { Heard, NewProcess, ProcessList } from "../store/process-list.ts";
import { skewText } from "./clock-skew.ts";

export interface ProcessBeatOptions {
  readonly processes: ProcessList;
  readonly process: NewProcess;
  /** Who is silent for this long counts as dead to the others. */
  readonly leaseMs: number;
  /** Something that stops nothing: a clock that is off. */
  readonly notice: (text: string) => void;
  /** This process must not go on: the address leads to another store now, or its name is another's. */
  readonly onFatal: (error: unknown) => void;
  /** After each beat. */
  readonly beside?: () => void;
}

const BEATS_PER_LEASE = 3;

/** Keeps a process in the list of those that live, measures its clock against the store's, and sees when the store is another one. */
export class ProcessBeat {
  /** Which store it is. */
  readonly store: string;
  readonly #options: ProcessBeatOptions;
  #aheadMs: number;
  #timer: NodeJS.Timeout | null = null;
  #beating: Promise<void> = Promise.resolve();
  #stopped = false;
  #told = false;

  private constructor(options: ProcessBeatOptions, { store }: Heard, aheadMs: number) {
    this.#options = options;
    this.store = store;
    this.#aheadMs = aheadMs;
    this.#later();
  }

  /** @throws TuttiError `PROCESS_NAME_TAKEN`, and what the store says */
  static async begin(options: ProcessBeatOptions): Promise<ProcessBeat> {
    const { processes, process, leaseMs } = options;
    // The first answer may have waited for a connection; the second says how the clocks differ.
    await processes.keep(process, leaseMs);
    const { heard, aheadMs } = await measured(() => processes.keep(process, leaseMs));
    const beat = new ProcessBeat(options, heard, aheadMs);
    beat.#tellSkew();
    return beat;
  }

  /** How far this process's clock is ahead of the store's, in milliseconds. */
  get aheadMs(): number {
    return this.#aheadMs;
  }

  /** Takes the process off the list. */
  async leave(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#beating;
    await this.#options.processes.leave(this.#options.process).catch(() => {});
  }

  #later(): void {
    this.#timer = setTimeout(() => {
      this.#beating = this.#beat().finally(() => this.#stopped || this.#later());
    }, this.#options.leaseMs / BEATS_PER_LEASE).unref();
  }

  async #beat(): Promise<void> {
    const { processes, process, leaseMs, onFatal, beside } = this.#options;
    try {
      const { heard, aheadMs } = await measured(() =>
        processes.keep({ ...process, clockAheadMs: Math.round(this.#aheadMs) }, leaseMs),
      );
      this.#aheadMs = aheadMs;
      if (heard.store !== this.store) onFatal(replaced());
      this.#tellSkew();
      beside?.();
    } catch (error) {
      // A store that is away comes back.
      if ((error as { code?: string }).code === "PROCESS_NAME_TAKEN") onFatal(error);
    }
  }

  #tellSkew(): void {
    const text = skewText("The clock of this machine", this.#aheadMs);
    if (text !== null && !this.#told) this.#options.notice(`${text} [CLOCK_OFF]`);
    this.#told = text !== null;
  }
}

async function measured(keep: () => Promise<Heard>): Promise<{ readonly heard: Heard; readonly aheadMs: number }> {
  const before = systemClock.now();
  const heard = await keep();
  return { heard, aheadMs: ((before + systemClock.now()) / 2 - heard.now) / 1000 };
}

const replaced = (): TuttiError =>
  new TuttiError(
    "STORE_REPLACED",
    "The address of the store leads to another store than when this process began. It was stopped, so that nothing goes into the wrong one. Give it the address of the store it belongs to.",
  );
