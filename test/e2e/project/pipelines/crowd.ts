import { existsSync } from "node:fs";
import { dag, task } from "tutti";
import { z } from "zod";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Holds the only slot of its pool until a file is there. */
export const hold = task("hold", { pool: "ledger" }, async ({ until }: { until: string }, ctx) => {
  while (!existsSync(until) && !ctx.signal.aborted) await pause(50);
});

export default dag("crowd", { params: z.object({ until: z.string() }) }, ({ params }) => {
  hold({ until: params.until });
});
