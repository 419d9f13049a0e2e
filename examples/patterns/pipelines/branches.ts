import { branch, dag, firstOf, task } from "tutti";
import { z } from "zod";

export const fetchRows = task("fetch_rows", async ({ rows }: { rows: number }) =>
  Array.from({ length: rows }, (_, id) => ({ id })),
);

export const size = branch("size", async ({ rows }: { rows: readonly { id: number }[] }) =>
  rows.length > 10 ? "bulk" : "trickle",
);

export const bulk = task(
  "bulk",
  async ({ rows }: { rows: readonly { id: number }[] }) => `${rows.length} rows at once`,
);
export const trickle = task(
  "trickle",
  async ({ rows }: { rows: readonly { id: number }[] }) => `${rows.length} rows one by one`,
);
export const report = task("report", async ({ how }: { how: string }, ctx) => {
  ctx.log.info(how);
  return how;
});

export default dag(
  "branches",
  {
    description: "Two ways, of which one is taken, and the point where they meet.",
    params: z.object({ rows: z.number().int().min(0).default(25) }),
  },
  ({ params }) => {
    const rows = fetchRows({ rows: params.rows });
    const arms = { bulk: bulk({ rows }), trickle: trickle({ rows }) };
    size({ rows }).to(arms);
    report({ how: firstOf(arms.bulk, arms.trickle) });
  },
);
