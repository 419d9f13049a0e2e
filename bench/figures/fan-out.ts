import type { Measure, Sample } from "../figure.ts";
import type { Rig } from "../rig.ts";
import { SHARE_OF_LIMIT } from "./throughput.ts";

const FEW = 1_000;
const MANY = 10_000;
const GROWTH = 2;

/** One run with many mapped tasks and one that reads them all: a task must not cost more because it has many siblings. */
export const fanOut: Measure<Rig> = async ({ limit, bed }) => {
  const few = await limit.tasksPerSecondAround(async () => {
    let ms = 0;
    for (let run = 0; run < MANY / FEW; run++) ms += await bed.run("fan_1000");
    return ms;
  });
  const many = await limit.tasksPerSecondAround(() => bed.run("fan_10000"));
  return [
    rate("fan-out of 1,000 with join", few),
    rate("fan-out of 10,000 with join", many),
    {
      name: "fan-out of 10,000 against ten of 1,000",
      unit: "x",
      value: many.ms / few.ms,
      bound: "at most",
      budget: GROWTH,
      limit: null,
    },
  ];
};

const rate = (name: string, { most, ms }: { most: number; ms: number }): Sample => ({
  name,
  unit: "tasks/s",
  value: (MANY / ms) * 1000,
  bound: "at least",
  budget: most * SHARE_OF_LIMIT,
  limit: most,
});
