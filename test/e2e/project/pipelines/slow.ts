import { existsSync } from "node:fs";
import { dag, task } from "tutti";
import { z } from "zod";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Writes a line every 20 ms until a file is there: its log is open while it is written. */
export const write = task("write", async ({ until }: { until: string }, ctx) => {
  for (let line = 1; line <= 30_000; line++) {
    ctx.log.info(`line ${line} of the slow task`);
    if (line % 10 === 0) ctx.progress(line, 3_000, "lines");
    if (existsSync(until)) return line;
    await pause(20);
  }
  return 0;
});

export const after = task("after", async ({ lines }: { lines: number }) => lines);

export default dag(
  "slow",
  { description: "Goes on until it is told", params: z.object({ until: z.string() }) },
  ({ params }) => {
    after({ lines: write({ until: params.until }) });
  },
);
