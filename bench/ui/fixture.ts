import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FULL_SIZE, makeBigStore, QUICK_SIZE } from "../big-store/big-store.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const CHATTY = `import { dag, task } from "tutti";
const say = task("say", async ({ lines }: { lines: number }, ctx) => {
  for (let line = 1; line <= lines; line++) {
    ctx.log.info("line " + line + " of many, with some words as lines have them");
    if (line % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
});
export default dag("chatty", {}, () => {
  say({ lines: LINES });
});
`;
/** No line of the long log is cut. */
const LOG_LIMIT_BYTES = 1_000_000_000;
const BLINK = `import { dag, task } from "tutti";
const wait = task("wait", () => new Promise<number>((resolve) => setTimeout(() => resolve(1), 1200)));
export default dag("blink", {}, () => {
  wait();
});
`;

export interface Fixture {
  readonly folder: string;
  readonly lines: number;
}

/** A busy team's store, with a run of a very long log besides, and a workflow whose runs end a second after they began. */
export async function makeFixture(folder: string, quick: boolean): Promise<Fixture> {
  const lines = quick ? 100_000 : 1_000_000;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(ROOT, join(folder, "node_modules", "tutti"));
  writeFileSync(
    join(folder, "tutti.config.ts"),
    `import { defineConfig } from "tutti";\nexport default defineConfig({ logLimitBytes: ${LOG_LIMIT_BYTES} });\n`,
  );
  await makeBigStore(folder, quick ? QUICK_SIZE : FULL_SIZE, {
    "chatty.ts": CHATTY.replace("LINES", String(lines)),
    "blink.ts": BLINK,
  });
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, "bin", "tutti.mjs"), "run", "chatty", "--file", "pipelines/chatty.ts", "--json"],
    {
      cwd: folder,
      encoding: "utf8",
      maxBuffer: 1 << 30,
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  if (status !== 0) throw new Error(`The run with the long log failed: ${stderr.slice(-2_000)}`);
  return { folder, lines };
}
