import { TuttiError } from "../core/errors.ts";

/** The command was used in a way that it can't be: exit status 2. */
export class UsageError extends TuttiError {
  constructor(message: string, code = "BAD_USAGE") {
    super(code, message);
    this.name = "UsageError";
  }
}
