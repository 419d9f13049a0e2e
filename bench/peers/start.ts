import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * `npm run bench:peers`: installs this package as its lockfile says, unless that has been done, and hands over to
 * `main.ts`, which imports it.
 */
const HERE = import.meta.dirname;
const MARK = join(HERE, "node_modules", ".installed-from");
/** Temporal's client alone is seven times as large as all others; `--quick` goes without it. */
const omit = process.argv.includes("--quick") ? ["--omit=dev"] : [];
const lock = readFileSync(join(HERE, "package-lock.json"), "utf8");
const installed = existsSync(MARK) ? readFileSync(MARK, "utf8") : "";

if (installed !== lock && (omit.length === 0 || installed !== `${lock}without dev`)) {
  process.stderr.write("installing the peers\n");
  // Their install scripts build nothing that their packages do not hold already.
  const install = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", ...omit], {
    cwd: HERE,
    // `npm run --silent` would have it fail without a word.
    env: { ...process.env, npm_config_loglevel: "error" },
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  if (install.status !== 0) process.exit(install.status ?? 1);
  writeFileSync(MARK, omit.length === 0 ? lock : `${lock}without dev`);
}
await import("./main.ts");
