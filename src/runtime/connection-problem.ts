import { type ErrorData, TuttiError } from "../core/errors.ts";

/** Stands in the place of a connection that is there and can't be had: whoever uses it hears why. */
export class ConnectionProblem {
  readonly error: ErrorData;

  constructor(error: ErrorData) {
    this.error = error;
  }

  toError(): TuttiError {
    return new TuttiError(this.error.code ?? "CONNECTION_NOT_CONFIGURED", this.error.message);
  }
}
