/**
 * Base of every error this package throws on purpose. `code` is stable and public: the command line
 * prints it, programs switch on it. The message says what happened, which name in quotes, what to do.
 */
export class TuttiError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TuttiError";
    this.code = code;
  }
}

/** What a task threw, as data: stored, shown, and matched by retry rules. */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorData;
}
