import { expect, test } from "vitest";
import { World } from "./world.ts";

const SEEDS = Number(process.env.TUTTI_SEEDS ?? 200);
const SEED = process.env.TUTTI_SEED;
const FIRST_SEED = Number(SEED ?? process.env.TUTTI_FIRST_SEED ?? 1);

/** Lines of the trace that a failure shows; one seed alone shows all of them. */
const SHOWN = SEED === undefined ? 40 : undefined;

test(
  `in ${SEED === undefined ? `${SEEDS} worlds` : `the world of seed ${SEED}`} every invariant holds at every step`,
  { timeout: 900_000 },
  async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + (SEED === undefined ? SEEDS : 1); seed++) {
      const { violation, trace } = await World.play(seed);
      if (violation)
        expect.fail(
          `${violation.message}\n\n${trace.text(SHOWN)}\n\nTo see it again: TUTTI_SEED=${seed} npx vitest run test/simulation\n`,
        );
    }
  },
);
