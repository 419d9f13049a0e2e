/**
 * `npm start`: the web UI on the retail pipelines, with a month of real days behind it. What is there already is not run again.
 * Arguments go to `tutti start`: `npm start -- --port 8080`.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const RETAIL = join(ROOT, "examples", "retail");
const TUTTI = join(ROOT, "bin", "tutti.mjs");
const FROM = "2017-12-01";
const TO = "2017-12-30";

let running: ChildProcess | null = null;
let interrupted = false;
process.on("SIGINT", () => {
  interrupted = true;
  // A terminal sends it to both; from elsewhere it came to this process alone.
  if (!process.stdin.isTTY) running?.kill("SIGINT");
});
process.on("SIGTERM", () => {
  interrupted = true;
  running?.kill("SIGTERM");
});
process.exitCode = await start();

async function start(): Promise<number> {
  const days = new Set(
    runsOf("retail")
      .filter(({ state }) => state === "succeeded")
      .map(({ date }) => date),
  );
  if (days.size === 0) {
    console.log("Filling the shop's database with the Superstore orders …");
    const seeded = await tutti("run", "seed");
    if (seeded !== 0 || interrupted) return seeded;
  }
  if (!daysBetween(FROM, TO).every((day) => days.has(day))) {
    console.log(`Filling "retail" for ${FROM} … ${TO}: the month that the pages will show`);
    const ran = await tutti("backfill", "retail", "--from", FROM, "--to", TO, "--max-active-runs", "1");
    if (ran !== 0 || interrupted) return ran;
  }
  return tutti("start", ...process.argv.slice(2));
}

/** The command to its end, in the example's folder. */
async function tutti(...args: string[]): Promise<number> {
  running = spawn(process.execPath, [TUTTI, ...args], { cwd: RETAIL, stdio: "inherit" });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  running.on("error", reject).on("exit", (code) => resolve(code ?? 1));
  return await promise.finally(() => (running = null));
}

function runsOf(workflow: string): { readonly date: string; readonly state: string }[] {
  const { stdout } = spawnSync(process.execPath, [TUTTI, "runs", "--workflow", workflow, "--json", "--limit", "500"], {
    cwd: RETAIL,
    encoding: "utf8",
  });
  try {
    return JSON.parse(stdout) as { date: string; state: string }[];
  } catch {
    return [];
  }
}

function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  for (let day = new Date(`${from}T00:00Z`); day <= new Date(`${to}T00:00Z`); day.setUTCDate(day.getUTCDate() + 1))
    days.push(day.toISOString().slice(0, 10));
  return days;
}
