/**
 * `npm run test:e2e [-- name]`: the web UI in a real browser, on servers of its own. Screenshots of every page are kept in .tmp/screens.
 */
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { chromiumPath, NO_CHROMIUM } from "./browser.ts";
import { buildIfStale } from "./dist-folder.ts";

const ROOT = dirname(import.meta.dirname);
const chromium = chromiumPath();
if (chromium === null) {
  console.error(NO_CHROMIUM);
  process.exitCode = 2;
} else {
  const { ok, output } = buildIfStale();
  if (!ok) console.error(output);
  const vitest = spawnSync(
    process.execPath,
    [join(ROOT, "node_modules", "vitest", "vitest.mjs"), "run", "--project", "e2e", ...process.argv.slice(2)],
    { cwd: ROOT, stdio: "inherit", env: { ...process.env, TUTTI_E2E: chromium } },
  );
  process.exitCode = ok ? (vitest.status ?? 1) : 1;
}
