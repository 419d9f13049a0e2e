import { daily, dag, group, task } from "tutti";
import { z } from "zod";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const landed = task("landed", async (_: void, ctx) => {
  ctx.log.info("three regions have landed");
  await pause(60);
  return ["north", "south", "west"];
});

export const extract = task(
  "extract",
  { retries: { limit: 2, delay: "200ms" } },
  async ({ region }: { region: string }, ctx) => {
    ctx.log.info(`reading ${region}`, { region });
    await pause(80);
    if (region === "west" && ctx.attempt === 1) throw new Error("the connection was reset");
    return { region, rows: region.length * 100 };
  },
);

export const dedupe = task("dedupe", async ({ parts }: { parts: { rows: number }[] }) => {
  await pause(40);
  return parts.reduce((sum, { rows }) => sum + rows, 0);
});

export const validate = task("validate", async ({ rows }: { rows: number }, ctx) => {
  if (rows < 1_000) ctx.log.warn(`only ${rows} rows`);
  return rows;
});

export const load = task(
  "load",
  { retries: { limit: 1, delay: "150ms" } },
  async ({ rows, broken }: { rows: number; broken: boolean }, ctx) => {
    ctx.log.info(`loading ${rows} rows`);
    await pause(50);
    if (broken) throw new Error("Numeric value 'N/A' is not recognized");
    return { rows };
  },
);

export const publish = task("publish", async ({ loaded }: { loaded: { rows: number } }) => loaded.rows);

/** A night's work: what fails, fails by its params. */
export default dag(
  "nightly",
  {
    description: "Regions into one table, every night",
    schedule: daily({ at: "01:30", timezone: "Europe/London" }),
    start: "2026-01-01",
    tags: ["sales"],
    params: z.object({
      broken: z.boolean().default(false).describe("Let the load fail"),
      minRows: z.number().int().min(1).default(1).describe("Fewer rows are a warning"),
      currency: z.enum(["USD", "EUR", "GBP"]).default("USD"),
      note: z.string().optional().describe("Shown beside the run"),
    }),
  },
  ({ params }) => {
    const regions = landed();
    const parts = extract.map({ region: regions });
    const rows = group("clean", () => {
      const all = dedupe({ parts });
      return validate({ rows: all });
    });
    const loaded = load({ rows: rows.out, broken: params.broken });
    publish({ loaded });
  },
);
