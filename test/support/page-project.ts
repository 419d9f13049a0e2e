import { codeBlocks, readPage } from "../docs/page.ts";
import { tempProject, type TempProject } from "./temp-project.ts";

/**
 * The files that a page shows, as a project: each block that begins with its own path in a comment, `// pipelines/sales.ts`, `# scripts/train.py`,
 * `-- models/daily.sql`. `more`: what the page takes for granted.
 */
export function pageProject(page: string, more: Readonly<Record<string, string>> = {}): TempProject {
  const shown = codeBlocks(readPage(page)).flatMap(({ text }) => {
    const path = /^(?:\/\/|#|--) ([\w./-]+\.\w+)\n/.exec(text)?.[1];
    return path === undefined ? [] : [[path, text] as const];
  });
  return tempProject({ ...Object.fromEntries(shown), ...more });
}
