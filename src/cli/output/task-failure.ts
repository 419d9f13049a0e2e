import { isAbsolute, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { ErrorData } from "../../core/errors.ts";

/** Why a task failed, in one line: what was thrown, and its code. */
export function failureText({ name, message, code }: ErrorData): string {
  const [first = ""] = message.split("\n");
  const said = name === "Error" || name === "TuttiError" || first.startsWith(name) ? first : `${name}: ${first}`;
  return code === undefined || said.includes(code) ? said : `${said} [${code}]`;
}

/** Where in the project's own files it was thrown: `pipelines/retail.ts:12:5`. `null`: nowhere in them. Stacks come with source maps applied. */
export function userFrame({ stack, cause }: ErrorData, root: string): string | null {
  for (const line of stack?.split("\n") ?? []) {
    const [, file, place] =
      /(?:\(|at |at async )((?:file:\/\/)?\/[^()]*?|[A-Za-z]:\\[^()]*?):(\d+:\d+)\)?$/.exec(line.trim()) ?? [];
    if (file === undefined) continue;
    const path = file.startsWith("file:") ? fileURLToPath(file) : file;
    const inside = relative(root, path);
    if (
      !inside.startsWith("..") &&
      !isAbsolute(inside) &&
      !inside.includes("node_modules") &&
      !inside.startsWith(`.tutti${sep}`)
    )
      return `${inside}:${place}`;
  }
  return cause === undefined ? null : userFrame(cause, root);
}
