import { type Measure, percentile } from "../figure.ts";
import { hops } from "../figures/chain.ts";
import { manyRuns } from "../figures/throughput.ts";
import { triggered } from "../figures/trigger.ts";
import type { Pair } from "../rig.ts";
import type { PostgresRig } from "./postgres-rig.ts";
import { takeover } from "./takeover.ts";

const SHARE_OF_LIMIT = 0.4;
const TRIGGERS = 80;
const TRIGGER_MS = 2;
/** What the limit takes on two quiet cores, from a trigger to the first line and from task to task. */
const QUIET_TRIGGER_MS = 0.9;
const QUIET_HOP_MS = 0.76;

const throughput: Measure<Pair> = (pair) =>
  manyRuns(pair, { name: "PostgreSQL: 1,000 runs of 10 tasks", shareOfLimit: SHARE_OF_LIMIT });

const chain: Measure<Pair> = (pair) =>
  hops(pair, { name: "PostgreSQL: chain of 40", overLimitMs: 1, quietLimitMs: QUIET_HOP_MS });

/** From a trigger to the first line of its task's code, when nothing else goes on. */
const trigger: Measure<Pair> = async ({ limit, bed }) => {
  const [least, values] = await triggered([limit, bed], TRIGGERS);
  const least50 = percentile(least, 0.5);
  return [
    {
      name: "PostgreSQL: idle trigger to first line, p50",
      unit: "ms",
      value: percentile(values, 0.5),
      bound: "at most",
      // A machine on which the limit itself is late proves nothing.
      budget: TRIGGER_MS * Math.max(1, least50 / QUIET_TRIGGER_MS),
      limit: least50,
    },
  ];
};

/** Scheduler and worker in one process, which shares its cores with the database. */
export const postgresFigures: readonly Measure<PostgresRig>[] = [throughput, chain, trigger, takeover];
