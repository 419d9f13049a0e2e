import type { PipesException } from "./pipes-message.ts";

/** What a process said ended it, in the words of its own language, as the cause of the command's error. */
export class ReportedError extends Error {
  constructor({ name, message, stack, cause }: PipesException) {
    // Python's client begins the message with the name.
    super(
      message.trim().replace(name === null ? "" : `${name}: `, ""),
      cause === null ? {} : { cause: new ReportedError(cause) },
    );
    this.name = name ?? "Error";
    this.stack = stack.join("").trimEnd() || `${this.name}: ${this.message}`;
  }
}
