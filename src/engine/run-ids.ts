import { randomFillSync } from "node:crypto";
import type { Instant } from "../core/clock.ts";
import { runIdFrom } from "../core/run-id.ts";

const BYTES = 10;
const IDS = 256;

/** Ids for new runs. Chance is drawn for many of them at once: to ask for it costs more than all the rest of an id. */
export class RunIds {
  readonly #chance = Buffer.alloc(BYTES * IDS);
  #used = IDS;

  next(now: Instant): string {
    if (this.#used === IDS) {
      randomFillSync(this.#chance);
      this.#used = 0;
    }
    const start = BYTES * this.#used++;
    return runIdFrom(now, this.#chance.subarray(start, start + BYTES));
  }
}
