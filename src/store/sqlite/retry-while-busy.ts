import { TuttiError } from "../../core/errors.ts";

const TRIES = 200;
const WAIT_MS = 10;

/** For the few statements where SQLite gives up at once instead of waiting. Blocks, so only while a store is opened. */
export function retryWhileBusy(work: () => void): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return work();
    } catch (error) {
      if (attempt === TRIES || !(error instanceof TuttiError && error.code === "STORE_BUSY")) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
    }
  }
}
