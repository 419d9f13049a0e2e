import { osUser } from "../owner/os-user.ts";
import type { OwnerOptions } from "../owner/owner-options.ts";
import type { Output } from "./output/output.ts";

/** What a session is told about the command that opens it. `typed`: as the user typed it. */
export const asUser = (
  typed: string,
  out: Output,
): Pick<OwnerOptions, "actor" | "command" | "notice"> & { actor: string } => ({
  actor: `cli:${osUser()}`,
  command: typed,
  notice: (text) => out.note(text),
});
