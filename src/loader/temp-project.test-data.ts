import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import type { ProjectOptions } from "./load.ts";

/** A project's folder with these files, gone when the test is over. */
export function tempProject(files: Readonly<Record<string, string>>, packages: readonly string[] = []): ProjectOptions {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "tutti-loader-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries({ "package.json": `{ "name": "project", "type": "module" }`, ...files }))
    writeIn(root, name, text);
  for (const name of packages) {
    mkdirSync(dirname(join(root, "node_modules", name)), { recursive: true });
    symlinkSync(resolve("node_modules", name), join(root, "node_modules", name));
  }
  return { root, stateDir: join(root, ".tutti"), pipelinesDir: join(root, "pipelines"), loadTimeoutMs: 15_000 };
}

export function writeIn(root: string, name: string, text: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
}

/** Without a blank line at its start, so that line numbers are easy to count. */
export const pipeline = (name: string, body = "extract();"): string => `import { chain, dag, task } from "tutti";
const extract = task("extract", () => 1);
export default dag(${JSON.stringify(name)}, {}, () => {
  ${body}
});
`;
