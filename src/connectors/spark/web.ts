import { SparkUnreachable } from "./spark-errors.ts";

export interface Asking {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: unknown;
  readonly token?: string | undefined;
  readonly signal?: AbortSignal | null;
  /** Default: 5 s. A cluster that takes longer for a status is as good as gone. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 5_000;

/** There was no connection, so nothing went through it. */
const UNSENT: readonly string[] = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"];

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * Asks one of Spark's or YARN's HTTP interfaces. Any status is an answer.
 *
 * @throws SparkUnreachable `SPARK_UNREACHABLE` when there is none. The signal's reason.
 */
export async function ask(url: string, asking: Asking = {}): Promise<Answer> {
  const timeout = AbortSignal.timeout(asking.timeoutMs ?? TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      method: asking.method ?? "GET",
      headers: {
        accept: "application/json, text/plain",
        ...(asking.token === undefined ? {} : { authorization: `Bearer ${asking.token}` }),
        ...(asking.body === undefined ? {} : { "content-type": "application/json;charset=UTF-8" }),
      },
      ...(asking.body === undefined ? {} : { body: JSON.stringify(asking.body) }),
      signal: asking.signal ? AbortSignal.any([asking.signal, timeout]) : timeout,
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    asking.signal?.throwIfAborted();
    const why = causeOf(error);
    throw new SparkUnreachable(`${origin(url)} does not answer: ${why}.`, {
      cause: error,
      unsent: UNSENT.includes(why),
    });
  }
}

/** An answer that must be JSON and well. `null`: there is no such thing (404). */
export async function askJson<T>(url: string, asking: Asking = {}): Promise<T | null> {
  const { status, text } = await ask(url, asking);
  if (status === 404) return null;
  if (status === 401 || status === 403)
    throw new SparkUnreachable(`${origin(url)} refuses the request (${status}): is its token or user right?`);
  const value = parsed<T>(text);
  if (status < 400 && value !== undefined) return value;
  throw new SparkUnreachable(`${origin(url)} answered ${status}: ${text.slice(0, 200).trim()}`);
}

/** `undefined`: no JSON, e.g. a page for people. */
export function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

/** Without path and query, which may hold ids and tokens. */
function origin(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "The address";
}

function causeOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message: string };
  return cause?.code ?? cause?.message ?? message;
}
