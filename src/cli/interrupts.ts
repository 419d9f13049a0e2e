import { STATUS } from "./exit-status.ts";

type Signal = "SIGINT" | "SIGTERM";

const STATUSES: Readonly<Record<Signal, number>> = {
  SIGINT: STATUS.interrupted,
  SIGTERM: STATUS.terminated,
};

/** A terminal and `npx` may both pass on one Ctrl-C: what follows this closely is the same one. */
const SAME_MS = 200;

/** Ctrl-C asks to stop cleanly; a second one stops at once. SIGTERM counts as Ctrl-C. */
export class Interrupts {
  /** The exit status that the first signal asks for; `null`: none has come. */
  status: number | null = null;
  #firstAt = 0;

  constructor(stop: (signal: Signal) => void) {
    for (const signal of Object.keys(STATUSES) as Signal[]) {
      process.on(signal, () => {
        if (this.status !== null) {
          if (performance.now() - this.#firstAt > SAME_MS) process.exit(this.status);
          return;
        }
        this.status = STATUSES[signal];
        this.#firstAt = performance.now();
        stop(signal);
      });
    }
  }
}
