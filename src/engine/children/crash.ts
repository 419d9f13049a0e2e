import type { ErrorData } from "../../core/errors.ts";

/** How a child ended. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The last lines that it, or the tasks in it, wrote. */
  readonly lines: readonly string[];
}

/** Why a process that ran tasks is gone, for its task's error. `tasks`: how many it had. */
export function crashError(exit: ChildExit, tasks: number): ErrorData {
  const whose = tasks === 1 ? "The process of this task" : `The process that ran this task and ${tasks - 1} more`;
  const last = exit.lines.length === 0 ? "" : `\nIts last lines:\n${exit.lines.map((line) => `  ${line}`).join("\n")}`;
  return { name: "ChildCrashed", code: "CHILD_CRASHED", message: `${whose} ${howItEnded(exit)}.${last}` };
}

function howItEnded({ code, signal, lines }: ChildExit): string {
  const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
  if (lines.some((line) => /heap out of memory|OOMError|allocation failed/i.test(line))) {
    return `ran out of memory and ${how}. Write large data with ctx.artifact(name), or give the children more with nodeOptions: ["--max-old-space-size=<MB>"]`;
  }
  if (signal === "SIGKILL") return `${how}, which nobody here sent: the system does that when memory runs out`;
  if (signal === null && code === 0)
    return "exited with code 0 before the task had ended. Does it call process.exit()?";
  return how;
}
