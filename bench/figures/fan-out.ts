import type { Measure } from "../figure.ts";
import type { Rig } from "../rig.ts";
import { SHARE_OF_LIMIT } from "./throughput.ts";

const FEW = 1_000;
const MANY = 10_000;
const GROWTH = 2;

/** One run with many mapped tasks and one that reads them all: a task must not cost more because it has many siblings. */
export const fanOut: Measure<Rig> = async ({ limit, bed }) => {
  const most = await limit.tasksPerSecond();
  let few = 0;
  for (let run = 0; run < MANY / FEW; run++) few += await bed.run("fan_1000");
  const many = await bed.run("fan_10000");
  const judged = { unit: "tasks/s", bound: "at least", budget: most * SHARE_OF_LIMIT, limit: most } as const;
  return [
    { name: "fan-out of 1,000 with join", value: (MANY / few) * 1000, ...judged },
    { name: "fan-out of 10,000 with join", value: (MANY / many) * 1000, ...judged },
    {
      name: "fan-out of 10,000 against ten of 1,000",
      unit: "x",
      value: many / few,
      bound: "at most",
      budget: GROWTH,
      limit: null,
    },
  ];
};
