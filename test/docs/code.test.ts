import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type CodeBlock, codeBlocks, readPage, ROOT, USER_PAGES } from "./page.ts";

/**
 * A block that begins with `// pipelines/sales.ts` is that file; one that begins with an import is a file of its own; any other
 * goes on with the block before it. Lines stay where they are on the page, so an error names them.
 */
function filesOf(page: string): Map<string, string> {
  const files = new Map<string, string>();
  let name = "";
  for (const block of codeBlocks(readPage(page)).filter(({ language }) => language === "ts")) {
    name = ownName(block, files.size + 1) ?? name;
    const before = files.get(name) ?? "";
    files.set(name, before + "\n".repeat(Math.max(0, block.line - before.split("\n").length)) + block.text);
  }
  return new Map([...files].map(([file, text]) => [join(page.replace(/\.md$/, ""), file), text]));
}

const ownName = ({ text }: CodeBlock, place: number): string | null =>
  /^\/\/ ([\w./-]+\.ts)\n/.exec(text)?.[1] ?? (text.startsWith("import ") ? `part-${place}.ts` : null);

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
    expect(files.length).toBeGreaterThan(15);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
