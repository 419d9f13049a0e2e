import { spawn } from "node:child_process";
import { join } from "node:path";

/** What `npm test` plays once or a few times, played often, and stories that it leaves out (`test/crash/whole`): `npm run test:crash`, `npm run test:simulation`. A variable that is set wins. */
const PLANS = {
  crash: { folders: ["test/crash"], env: { TUTTI_CRASH_ROUNDS: "50" } },
  simulation: {
    folders: ["test/simulation", "test/firing", "src/server/fuzz.test.ts", "src/core/schedule-windows.test.ts"],
    env: { TUTTI_SEEDS: "6500", TUTTI_YEAR_SCHEDULES: "1000", TUTTI_FUZZ_ROUNDS: "100", TUTTI_ALL_WINDOWS: "1" },
  },
} as const;

const plan = PLANS[process.argv[2] as keyof typeof PLANS];
if (plan === undefined) throw new Error(`Say which: ${Object.keys(PLANS).join(", ")}.`);

const vitest = join(import.meta.dirname, "..", "node_modules", "vitest", "vitest.mjs");
const child = spawn(process.execPath, [vitest, "run", ...plan.folders, ...process.argv.slice(3)], {
  stdio: "inherit",
  env: { ...plan.env, ...process.env },
});
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
