import type { Bed } from "../bed.ts";
import { type Measure, percentile, type Sample } from "../figure.ts";
import type { Rig } from "../rig.ts";
import { triggered } from "./trigger.ts";

const WITHIN = 0.2;
const TURNS = 2;
const RUNS = 250;
const CHAINS = 5;
const TRIGGERS = 40;

/** The same engine over an empty store and over one with a long history, in turn: nothing may cost more for it. */
export const longHistory: Measure<Omit<Rig, "limit">> = async ({ bed, old, history }) => {
  const beside = `with ${history.toLocaleString("en")} ended task runs`;
  const many = await inTurn([bed, old], (one) => one.run("ten", RUNS));
  const chains = await inTurn([bed, old], async (one) => {
    let ms = 0;
    for (let run = 0; run < CHAINS; run++) ms += await one.run("chain_40");
    return ms;
  });
  const [young, aged] = await triggered([bed, old], TRIGGERS);
  const perSecond = (ms: number): number => ((TURNS * RUNS * 10) / ms) * 1000;
  const perHop = (ms: number): number => ms / (TURNS * CHAINS * 40);
  return [
    {
      name: `500 runs of 10 tasks ${beside}`,
      unit: "tasks/s",
      value: perSecond(many[1]),
      bound: "at least",
      budget: perSecond(many[0]) * (1 - WITHIN),
      limit: null,
    },
    within(`chain of 40 ${beside}`, "ms/hop", perHop(chains[0]), perHop(chains[1])),
    within(`idle trigger to first line, p50, ${beside}`, "ms", percentile(young, 0.5), percentile(aged, 0.5)),
  ];
};

const within = (name: string, unit: string, young: number, value: number): Sample => ({
  name,
  unit,
  value,
  bound: "at most",
  budget: young * (1 + WITHIN),
  limit: null,
});

async function inTurn(beds: readonly [Bed, Bed], work: (bed: Bed) => Promise<number>): Promise<[number, number]> {
  const sums: [number, number] = [0, 0];
  for (let turn = 0; turn < TURNS; turn++) {
    // The first of a turn pays for what came before it: they change places.
    const places = turn % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const place of places) sums[place] += await work(beds[place]);
  }
  return sums;
}
