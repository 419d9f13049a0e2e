import { parseArgs } from "node:util";
import { type Figure, type Measure, medians, type Sample } from "./figure.ts";
import { chain } from "./figures/chain.ts";
import { fanOut } from "./figures/fan-out.ts";
import { load } from "./figures/load.ts";
import { longHistory } from "./figures/long-history.ts";
import { memory } from "./figures/memory.ts";
import { throughput } from "./figures/throughput.ts";
import { trigger } from "./figures/trigger.ts";
import { asJson, asTable } from "./report.ts";
import { closeRig, openRig, type Rig } from "./rig.ts";

/**
 * `npm run bench [-- --quick] [-- --json]`: the budgets of the engine, as it ships. Machines are noisy, so every figure is
 * measured several times in turn with what it is judged by, and its median counts. Exits 1 when a budget is broken.
 */
const { quick, json } = parseArgs({
  options: { quick: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
}).values;

const ROUNDS = quick ? 3 : 5;
const HISTORY = quick ? 200_000 : 1_000_000;
/** Judged by themselves, before anything else is there. Only Linux tells what memory processes share. */
const ALONE: readonly Measure<void>[] = process.platform === "linux" ? [memory, load] : [load];
const BESIDE: readonly Measure<Rig>[] = [throughput, chain, fanOut, trigger, longHistory];

const figures = [...(await measured(ALONE, undefined, quick ? 1 : 3)), ...(await besideTheLimit())];
process.stdout.write(`${json ? asJson(figures) : asTable(figures)}\n`);
process.exitCode = figures.every(({ ok }) => ok) ? 0 : 1;

async function besideTheLimit(): Promise<Figure[]> {
  note(`filling a store with ${HISTORY.toLocaleString("en")} ended task runs`);
  const rig = await openRig(HISTORY);
  try {
    return await measured(BESIDE, rig, ROUNDS);
  } finally {
    await closeRig(rig);
  }
}

async function measured<On>(measures: readonly Measure<On>[], on: On, rounds: number): Promise<Figure[]> {
  const samples = new Map<Measure<On>, Sample[]>(measures.map((measure) => [measure, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const [measure, taken] of samples) {
      note(`round ${round} of ${rounds}: ${measure.name}`);
      taken.push(...(await measure(on)));
    }
  }
  const found: Figure[] = [];
  for (const [measure, taken] of samples) {
    const once = medians(taken);
    found.push(...(quick && once.some(({ ok }) => !ok) ? await again(measure, on, once, rounds) : once));
  }
  return found;
}

/** So few samples may all fall into a bad moment: what missed its budget is measured once more, and that counts. */
async function again<On>(measure: Measure<On>, on: On, first: readonly Figure[], rounds: number): Promise<Figure[]> {
  const taken: Sample[] = [];
  for (let round = 1; round <= rounds; round++) {
    note(`once more, ${round} of ${rounds}: ${measure.name}`);
    taken.push(...(await measure(on)));
  }
  const second = medians(taken);
  return first.map((figure, place) => (figure.ok ? figure : second[place]!));
}

function note(doing: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\u001b[2K\r${doing}\r`);
}
