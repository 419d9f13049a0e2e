import { daily, dag, task } from "tutti";

export const tide = task("tide", (_: void, ctx) => ctx.date);

/** Half past midnight where a day begins half a day before it does in Europe. */
export default dag(
  "harbour",
  { schedule: daily({ at: "00:30", timezone: "Pacific/Auckland" }), start: "2026-01-01" },
  () => {
    tide();
  },
);
