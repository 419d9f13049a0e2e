import { HttpFailed, HttpTimedOut, HttpUnreachable } from "./http-errors.ts";
import { readText } from "./read-body.ts";
import { retryAfterMs } from "./retry-wait.ts";

export interface HttpRequest {
  /** In messages, in place of a URL, which may hold secrets: `Connection "crm": GET /orders`. */
  readonly what: string;
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer> | null;
  /** Until `take` has what it wants. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | null;
}

const MAX_REDIRECTS = 5;
/** Of an error's body: it is shown, not used. */
const ERROR_BODY_BYTES = 16 * 1024;

/** Codes by which a system says that nothing was sent: no such host, nobody there, no connection in time. */
const UNSENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;

/** One try. Redirects are followed within the same origin, and only for what reads: credentials go nowhere else. */
export async function sendOnce<T>(request: HttpRequest, take: (response: Response) => Promise<T>): Promise<T> {
  const { what, signal, timeoutMs } = request;
  signal?.throwIfAborted();
  const stop = new AbortController();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    stop.abort();
  }, timeoutMs);
  try {
    const response = await follow(request, signal === null ? stop.signal : AbortSignal.any([signal, stop.signal]));
    if (!response.ok) {
      const wait = retryAfterMs(response.headers.get("retry-after"), Date.now());
      throw new HttpFailed(what, response.status, await readText(response, ERROR_BODY_BYTES), wait);
    }
    return await take(response);
  } catch (error) {
    signal?.throwIfAborted();
    if (timedOut) throw new HttpTimedOut(what, timeoutMs);
    throw isOfTheNetwork(error) ? new HttpUnreachable(what, error, wasUnsent(error)) : error;
  } finally {
    clearTimeout(timer);
  }
}

async function follow(request: HttpRequest, signal: AbortSignal): Promise<Response> {
  const { what, method, headers, body } = request;
  let { url } = request;
  for (let redirects = 0; ; redirects++) {
    const response = await fetch(url.href, { method, headers, body, signal, redirect: "manual" });
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    await response.body?.cancel();
    const next = URL.canParse(location, url.href) ? new URL(location, url) : null;
    const reads = method === "GET" || method === "HEAD";
    if (next?.origin !== url.origin || !reads || redirects === MAX_REDIRECTS)
      throw new HttpFailed(
        what,
        response.status,
        `a redirect that is not followed${next === null ? "" : `, to ${next.origin}`}`,
      );
    url = next;
  }
}

/** What `fetch` and the reading of a body throw. */
const isOfTheNetwork = (error: unknown): boolean =>
  (error instanceof TypeError && (error.message === "fetch failed" || error.message === "terminated")) ||
  (error instanceof Error && "code" in error && /^(UND_ERR_|E[A-Z]+$)/.test(String(error.code)));

function wasUnsent(thrown: unknown): boolean {
  for (let at: unknown = thrown, depth = 0; depth < 4 && at instanceof Error; at = at.cause, depth++) {
    if (at instanceof AggregateError) return at.errors.length > 0 && at.errors.every(wasUnsent);
    if (UNSENT.test(String((at as NodeJS.ErrnoException).code))) return true;
  }
  return false;
}
