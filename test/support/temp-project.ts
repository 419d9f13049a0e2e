import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

export interface TempProject {
  /** Absolute, without symbolic links. */
  readonly dir: string;
  path(file: string): string;
  read(file: string): string;
  write(file: string, text: string): void;
}

/**
 * A folder with these files (path → text), as a user's project outside the repository; it is removed when the test ends.
 *
 *     const project = tempProject({ "pipelines/hello.ts": `import { dag, task } from "tutti"; …` });
 */
export function tempProject(files: Readonly<Record<string, string>> = {}): TempProject {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "tutti-test-")));
  const path = (file: string) => join(dir, file);
  const project: TempProject = {
    dir,
    path,
    read: (file) => readFileSync(path(file), "utf8"),
    write: (file, text) => {
      mkdirSync(dirname(path(file)), { recursive: true });
      writeFileSync(path(file), text);
    },
  };
  for (const [file, text] of Object.entries(files)) project.write(file, text);
  // A process that was just killed may still be writing its last bytes.
  onTestFinished(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  return project;
}
