import { userInfo } from "node:os";

/** Who runs this process. */
export function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container without a user entry.
    return String(process.getuid?.() ?? "unknown");
  }
}
