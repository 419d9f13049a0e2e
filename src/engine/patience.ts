import { toErrorData } from "../core/error-data.ts";
import type { ErrorData } from "../core/errors.ts";
import type { EngineClock } from "./engine-clock.ts";

/** What passes: a full disk gets space again, a busy file is let go, a database comes back. Anything else will be the same the next time. */
const PASSING = new Set(["STORE_FULL", "STORE_BUSY", "STORE_IO_ERROR", "STORE_UNREACHABLE"]);

export const isPassing = (thrown: unknown): boolean => PASSING.has(toErrorData(thrown).code ?? "");

const MAX_WAIT_MS = 5_000;

/** Asks the store until it can, ever more slowly. `tired`: told of each failure that passes and how many there were; true gives up. */
export async function patiently<T>(
  clock: EngineClock,
  ask: () => Promise<T>,
  tired: (error: ErrorData, tries: number) => boolean,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (thrown) {
      const error = toErrorData(thrown);
      if (!PASSING.has(error.code ?? "") || tired(error, tries)) throw thrown;
      const waitMs = Math.min(MAX_WAIT_MS, 50 * 2 ** tries);
      await new Promise<void>((resolve) => clock.at(clock.now() + waitMs * 1000, resolve));
    }
  }
}
