import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Mistake } from "../test/simulation/mistake.ts";
import { MISTAKES } from "../test/simulation/mistakes.ts";

/**
 * Does the simulation find anything? Makes one mistake at a time in a copy of the code and plays worlds until one shows it:
 * `npm run test:mistakes`, or for some parts of it `npm run test:mistakes limits controls`. `TUTTI_SEEDS`: how many worlds each has.
 */
const SEEDS = Number(process.env["TUTTI_SEEDS"] ?? 300);
/** A mistake may make a world that never ends. */
const TIME_OUT_MS = 240_000;

/** Says each seed before it is played, and what is wrong with it. */
const PLAYER = `
import { World } from "./test/simulation/world.ts";
const [kind, seeds] = process.argv.slice(2);
for (let seed = 1; seed <= Number(seeds); seed++) {
  console.log(JSON.stringify({ seed }));
  const { violation } = await World.play(seed, kind === "plain" ? {} : { [kind]: true });
  if (violation) { console.log(JSON.stringify({ seed, fact: violation.fact })); process.exit(); }
}
console.log(JSON.stringify({ seed: Number(seeds) + 1 }));
`;

const root = join(import.meta.dirname, "..");
const parts = process.argv.slice(2);
const unknown = parts.find((part) => MISTAKES[part] === undefined);
if (unknown !== undefined)
  throw new Error(`Of "${unknown}" there are no mistakes. Say which: ${Object.keys(MISTAKES).join(", ")}.`);

const copy = mkdtempSync(join(tmpdir(), "tutti-mistakes-"));
try {
  for (const path of ["src", "test/simulation", "test/support", "package.json"])
    cpSync(join(root, path), join(copy, path), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  writeFileSync(join(copy, "play.ts"), PLAYER);
  for (const part of parts.length > 0 ? parts : Object.keys(MISTAKES))
    for (const mistake of MISTAKES[part]!) await plant(mistake);
} finally {
  rmSync(copy, { recursive: true, force: true });
}

/** As a line of the table in docs/operate/simulation.md. */
async function plant({ what, kind, file, from, to }: Mistake): Promise<void> {
  const path = join(copy, file);
  const right = readFileSync(path, "utf8");
  if (right.split(from).length !== 2) throw new Error(`"${what}" stands in ${file} not exactly once: ${from}`);
  writeFileSync(
    path,
    right.replace(from, () => to),
  );
  const seen = await play(kind);
  writeFileSync(path, right);
  console.log(`| ${what} | ${seen === null ? `none up to ${SEEDS}` : seen.seed} | ${seen?.fact ?? "not found"} |`);
}

function play(kind: Mistake["kind"]): Promise<{ readonly seed: number; readonly fact: string } | null> {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(copy, "play.ts"), kind, String(SEEDS)],
    {
      stdio: ["ignore", "pipe", "inherit"],
      timeout: TIME_OUT_MS,
      killSignal: "SIGKILL",
    },
  );
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => void (text += chunk));
  return new Promise((resolve) => {
    child.on("close", () => {
      const [last = ""] = text.trim().split("\n").slice(-1);
      const { seed, fact } = JSON.parse(last) as { seed: number; fact?: string };
      if (seed > SEEDS) return resolve(null);
      resolve({ seed, fact: fact ?? "the world never ends" });
    });
  });
}
