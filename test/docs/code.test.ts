import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type CodeBlock, codeBlocks, readPage, ROOT, USER_PAGES } from "./page.ts";

/**
 * A block that begins with an import begins a file; one that does not goes on with the file before it. Blocks keep their line
 * numbers, so an error names the line of the page.
 */
function filesOf(page: string): Map<string, string> {
  const files = new Map<string, string>();
  let name = "";
  for (const block of codeBlocks(readPage(page)).filter(({ language }) => language === "ts")) {
    if (name === "" || startsFile(block)) name = `${page.replace(/\.md$/, "")}-${files.size + 1}.ts`;
    const before = files.get(name) ?? "";
    files.set(name, before + "\n".repeat(Math.max(0, block.line - before.split("\n").length)) + block.text);
  }
  return files;
}

const startsFile = ({ text }: CodeBlock): boolean => /^(?:\/\/.*\n)*import /.test(text);

test("every block of TypeScript in the README and in docs/ compiles against the package", () => {
  const folder = join(ROOT, ".tmp", `docs-${process.pid}`);
  const files = USER_PAGES.flatMap((page) => [...filesOf(page)]);
  try {
    for (const [file, text] of files) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      // Without an import or export it would be a script, and share its names with all others.
      writeFileSync(join(folder, file), `${text}\nexport {};\n`);
    }
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: "../../tsconfig.json", include: ["**/*.ts"] }),
    );
    const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
    const { stdout, stderr } = spawnSync(process.execPath, [compiler, "-p", folder, "--pretty", "false"], {
      cwd: folder,
      encoding: "utf8",
    });
    expect((stdout + stderr).trim()).toBe("");
    expect(files.length).toBeGreaterThan(20);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
