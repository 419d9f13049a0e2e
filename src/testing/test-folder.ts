import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let root: string | null = null;

/** An empty folder, which goes with this process. */
export function testFolder(): string {
  // A test may have had a temporary folder of its own, which is gone.
  if (root === null || !existsSync(root)) root = goesWithProcess(mkdtempSync(join(tmpdir(), "tutti-test-")));
  return mkdtempSync(join(root, "task-"));
}

function goesWithProcess(folder: string): string {
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
