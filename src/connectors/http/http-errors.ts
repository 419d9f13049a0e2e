import { TuttiError } from "../../core/errors.ts";

const SHOWN_CHARACTERS = 500;

/** A server answered, and not with success. */
export class HttpFailed extends TuttiError {
  readonly status: number;
  /** The beginning of what it said. */
  readonly body: string;
  /** What its `Retry-After` asks for; `null`: nothing. */
  readonly retryAfterMs: number | null;

  constructor(what: string, status: number, body: string, retryAfterMs: number | null = null) {
    super("HTTP_FAILED", `${what} answered ${status}${body.trim() === "" ? "." : `: ${oneLine(body)}`}`);
    this.name = "HttpFailed";
    this.status = status;
    this.body = body.slice(0, SHOWN_CHARACTERS);
    this.retryAfterMs = retryAfterMs;
  }
}

/** There was no answer: the server is not there, or the connection broke. */
export class HttpUnreachable extends TuttiError {
  /** Nothing of the request can have arrived. */
  readonly unsent: boolean;

  constructor(what: string, cause: unknown, unsent: boolean) {
    super("HTTP_UNREACHABLE", `${what} gave no answer: ${reasonOf(cause)}`, { cause });
    this.name = "HttpUnreachable";
    this.unsent = unsent;
  }
}

/** There was no whole answer in time. The server may have done what it was asked all the same. */
export class HttpTimedOut extends TuttiError {
  constructor(what: string, timeoutMs: number) {
    super("HTTP_TIMED_OUT", `${what} gave no whole answer within ${timeoutMs} ms.`);
    this.name = "HttpTimedOut";
  }
}

/** A request that is not sent. */
export const requestRefused = (message: string): TuttiError => new TuttiError("HTTP_REFUSED", message);

/** What stands behind `fetch failed`. */
function reasonOf(thrown: unknown): string {
  for (let at: unknown = thrown, depth = 0; depth < 4 && at instanceof Error; at = at.cause, depth++) {
    if (at instanceof AggregateError && at.errors.length > 0) return reasonOf(at.errors[0]);
    if (at.message !== "" && at.message !== "fetch failed") return at.message;
  }
  return thrown instanceof Error ? thrown.message : String(thrown);
}

const oneLine = (text: string): string => {
  const line = text.trim().replaceAll(/\s+/g, " ");
  return line.length <= SHOWN_CHARACTERS ? line : `${line.slice(0, SHOWN_CHARACTERS)}…`;
};
