import { expect, test } from "vitest";
import type { WorldOptions } from "./story.ts";
import { World } from "./world.ts";

const SEEDS = Number(process.env.TUTTI_SEEDS ?? 100);
const SEED = process.env.TUTTI_SEED;
const FIRST_SEED = Number(SEED ?? process.env.TUTTI_FIRST_SEED ?? 1);

/** Lines of the trace that a failure shows; one seed alone shows all of them. */
const SHOWN = SEED === undefined ? 40 : undefined;

/** A kind of world, and its share of all the seeds. */
export interface Kind {
  readonly name: string;
  readonly share: number;
  readonly options: WorldOptions;
}

/** Plays worlds of these kinds. All kinds together are two files, which cost the same: each has a processor of its own. */
export const playKinds = (kinds: readonly Kind[]): void =>
  test.each(kinds)(
    `in $name${SEED === undefined ? "" : ` of seed ${SEED}`} every invariant holds at every step`,
    { timeout: 900_000 },
    async ({ share, options }) => {
      const count = Math.ceil(SEEDS * share);
      for (let seed = FIRST_SEED; seed < FIRST_SEED + (SEED === undefined ? count : 1); seed++) {
        const { violation, trace } = await World.play(seed, options);
        if (violation)
          expect.fail(
            `${violation.message}\n\n${trace.text(SHOWN)}\n\nTo see it again: TUTTI_SEED=${seed} npx vitest run test/simulation\n`,
          );
      }
    },
  );
