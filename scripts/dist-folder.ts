import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { bundle } from "./bundle.ts";
import { declare, hasCompiler } from "./declarations.ts";
import { putUi, uiMark } from "./ui-folder.ts";

const ROOT = dirname(import.meta.dirname);
const SRC = join(ROOT, "src");
const DIST = join(ROOT, "dist");
/** Says of which sources a dist/ was made. */
const MARK = ".made-of";

/** `output`: what the compiler said. With type errors, dist/ is made all the same and `ok` is false. */
export interface Built {
  readonly ok: boolean;
  readonly output: string;
}

export { hasCompiler };

/** Makes dist/ from src/: bundled code, the declarations of what the package exports, and the pages for browsers in dist/ui. The finished folder replaces the old one at once, so a process that starts meanwhile finds one or the other. */
export function build(): Built {
  const fresh = join(ROOT, ".tmp", `dist-${process.pid}`);
  const mark = sourcesMark();
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  bundle(fresh);
  const { ok, output } = declare(fresh);
  for (const file of copiedAsTheyAre()) cpSync(join(SRC, file), join(fresh, file));
  const ui = putUi(join(fresh, "ui"), join(DIST, "ui"));
  writeFileSync(join(fresh, MARK), mark);
  replaceDist(fresh);
  const said = [output, ui.output].filter((text) => text !== "");
  return { ok: ok && ui.ok, output: said.join("\n") };
}

/** Builds unless dist/ is of exactly these sources. */
export function buildIfStale(): Built {
  const mark = join(DIST, MARK);
  if (existsSync(mark) && readFileSync(mark, "utf8") === sourcesMark()) return { ok: true, output: "" };
  return build();
}

/** Migrations and the like; under `templates/` also TypeScript, because those files are copied to users. */
function copiedAsTheyAre(): string[] {
  return sources().filter((file) => !file.endsWith(".ts") || file.includes("templates/"));
}

function sources(): string[] {
  return globSync("**/*", { cwd: SRC })
    .filter((file) => statSync(join(SRC, file)).isFile())
    .sort();
}

function sourcesMark(): string {
  const hash = createHash("sha256");
  hash.update(uiMark());
  for (const path of [
    ...sources().map((file) => join(SRC, file)),
    join(ROOT, "tsconfig.json"),
    join(ROOT, "tsconfig.build.json"),
  ]) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

/** Two builds may end at the same moment: whoever finds a folder in the way moves it aside and tries again. */
function replaceDist(fresh: string): void {
  for (let turn = 0; turn < 20; turn++) {
    const old = join(ROOT, ".tmp", `dist-${process.pid}-old-${turn}`);
    if (existsSync(DIST)) {
      try {
        renameSync(DIST, old);
      } catch {
        continue;
      }
    }
    try {
      renameSync(fresh, DIST);
      return;
    } catch {
      continue;
    } finally {
      rmSync(old, { recursive: true, force: true });
    }
  }
  throw new Error(`Could not replace "dist/". Is another process writing there?`);
}
