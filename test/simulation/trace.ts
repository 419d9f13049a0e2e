import { type Instant } from "../../src/core/clock.ts";
import { T0 } from "../../src/testing/store-samples.ts";

/** What happened in one simulated world, line by line, for whoever has to find out why. */
export class Trace {
  readonly #lines: string[] = [];

  note(at: Instant, who: string, what: string): void {
    this.#lines.push(`${((at - T0) / 1_000_000).toFixed(3).padStart(9)}s  ${who.padEnd(9)} ${what}`);
  }

  /** The last lines; all of them without a number. */
  text(last = this.#lines.length): string {
    const hidden = this.#lines.length - last;
    const shown = this.#lines.slice(-last).join("\n");
    return hidden > 0 ? `(${hidden} lines before)\n${shown}` : shown;
  }
}
