import { spawn } from "node:child_process";
import { join } from "node:path";

/** What `npm test` plays once or a few times, played often: `npm run test:crash`, `npm run test:simulation`. A variable that is set wins. */
const PLANS = {
  crash: { folder: "test/crash", env: { TUTTI_CRASH_ROUNDS: "50" } },
  simulation: { folder: "test/simulation", env: { TUTTI_SEEDS: "4000" } },
} as const;

const plan = PLANS[process.argv[2] as keyof typeof PLANS];
if (plan === undefined) throw new Error(`Say which: ${Object.keys(PLANS).join(", ")}.`);

const vitest = join(import.meta.dirname, "..", "node_modules", "vitest", "vitest.mjs");
const child = spawn(process.execPath, [vitest, "run", plan.folder, ...process.argv.slice(3)], {
  stdio: "inherit",
  env: { ...plan.env, ...process.env },
});
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
