import { spawn } from "node:child_process";
import { join } from "node:path";

/** `npm run check`: the commands of installed packages, all of them even when an early one fails. */
const STEPS = [
  { name: "format", file: "oxfmt/bin/oxfmt", args: ["--check", "."], advice: "npm run format" },
  { name: "lint", file: "oxlint/bin/oxlint", args: [], advice: null },
  { name: "types", file: "typescript/bin/tsc", args: ["-p", "."], advice: null },
  { name: "types of the pages", file: "typescript/bin/tsc", args: ["-p", "ui"], advice: null },
  { name: "dead code", file: "knip/bin/knip.js", args: [], advice: null },
  { name: "import direction", file: "vitest/vitest.mjs", args: ["run", "test/architecture.test.ts"], advice: null },
] as const;

let failed = 0;
for (const { name, file, args, advice } of STEPS) {
  const startedAt = performance.now();
  const { code, output } = await run(join(import.meta.dirname, "..", "node_modules", file), args);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (code === 0) continue;
  failed++;
  console.log(output.trimEnd());
  if (advice !== null) console.log(`To mend it: ${advice}`);
}
process.exitCode = failed === 0 ? 0 : 1;

function run(file: string, args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ code: number | null; output: string }>();
  const child = spawn(process.execPath, [file, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  child.on("error", reject).on("close", (code) => resolve({ code, output }));
  return promise;
}
