import { TuttiError } from "../core/errors.ts";
import type { Answer, Ask, LiveEvent, Method, PathOf } from "./asked.ts";
import { eventsIn } from "./event-stream.ts";

export interface ClientOptions {
  /** Where the server is: `"https://tutti.example.com"`. */
  readonly url: string;
  /** As `tutti tokens add` gives it. Default: none, as in a browser, whose cookie is enough. */
  readonly token?: string;
  /** In a browser with a cookie: `csrf` of `GET /api/session`. Default: none. */
  readonly csrf?: string;
  /** Default: the global one. */
  readonly fetch?: typeof fetch;
}

/** What the server refused. `code` is one of the page "limits and errors". */
export class ApiError extends TuttiError {
  /** Of HTTP. 0: there was no answer. */
  readonly status: number;

  constructor(code: string, message: string, status: number, options?: ErrorOptions) {
    super(code, message, options);
    this.name = "ApiError";
    this.status = status;
  }
}

interface Asked {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly body?: unknown;
  readonly key?: string;
  readonly signal?: AbortSignal;
}

/**
 * Asks a server. Paths, queries, bodies and answers have the types of the server's own schemas, so what does not fit does not compile.
 *
 * @throws ApiError when the server refuses, or does not answer (`SERVER_UNREACHABLE`)
 * @example
 * const tutti = new TuttiClient({ url: "http://127.0.0.1:4747", token: process.env.TUTTI_TOKEN });
 * const run = await tutti.post("/api/runs", { body: { workflow: "retail" }, key: "nightly 2026-01-31" });
 * const { items } = await tutti.get("/api/runs/{run}/logs", { params: { run: run.id }, query: { tail: 20 } });
 */
export class TuttiClient {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  get<P extends PathOf<"get">>(path: P, ...[ask]: Rest<Ask<"get", P>>): Promise<Answer<"get", P>> {
    return this.#ask("get", path, ask as Asked | undefined);
  }

  post<P extends PathOf<"post">>(path: P, ...[ask]: Rest<Ask<"post", P>>): Promise<Answer<"post", P>> {
    return this.#ask("post", path, ask as Asked | undefined);
  }

  patch<P extends PathOf<"patch">>(path: P, ...[ask]: Rest<Ask<"patch", P>>): Promise<Answer<"patch", P>> {
    return this.#ask("patch", path, ask as Asked | undefined);
  }

  delete<P extends PathOf<"delete">>(path: P, ...[ask]: Rest<Ask<"delete", P>>): Promise<Answer<"delete", P>> {
    return this.#ask("delete", path, ask as Asked | undefined);
  }

  /**
   * What changes, as it does: snapshots of the topics first, then deltas. `after`: the id of the last event that was seen; the
   * server says `reset` when that is too long ago. Ends with the connection, or with the signal.
   */
  async *events(
    topics: readonly string[],
    { after, signal }: { readonly after?: string; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<LiveEvent, void> {
    const answer = await this.#send("get", "/api/live", {
      query: { topics },
      ...(signal === undefined ? {} : { signal }),
      headers: after === undefined ? {} : { "last-event-id": after },
    });
    yield* eventsIn(answer.body!);
  }

  async #ask<T>(method: Method, path: string, ask: Asked = {}): Promise<T> {
    const answer = await this.#send(method, path, ask);
    if (answer.status === 204) return undefined as T;
    const json = answer.headers.get("content-type")?.startsWith("application/json") === true;
    return (json ? await answer.json() : await answer.text()) as T;
  }

  async #send(method: Method, path: string, ask: Asked & { headers?: Record<string, string> }): Promise<Response> {
    const { url, token, csrf, fetch = globalThis.fetch } = this.#options;
    const { body, key, signal, headers = {} } = ask;
    const target = new URL(filled(path, ask.params ?? {}), url);
    for (const [name, value] of Object.entries(ask.query ?? {}))
      if (value !== undefined) target.searchParams.set(name, String(value));
    const answer = await fetch(target, {
      method: method.toUpperCase(),
      headers: {
        ...headers,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(csrf === undefined ? {} : { "x-tutti-csrf": csrf }),
        ...(key === undefined ? {} : { "idempotency-key": key }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    }).catch((cause: unknown) => {
      if (signal?.aborted === true) throw cause;
      throw new ApiError("SERVER_UNREACHABLE", `The server at "${target.origin}" does not answer.`, 0, { cause });
    });
    if (!answer.ok) throw await refusal(answer);
    return answer;
  }
}

/** Nothing need be given where everything in it may be absent. */
type Rest<T> = {} extends T ? [ask?: T] : [ask: T];

const filled = (path: string, params: Readonly<Record<string, string>>): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));

async function refusal(answer: Response): Promise<ApiError> {
  const text = await answer.text();
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string } };
    return new ApiError(error.code, error.message, answer.status);
  } catch {
    // A proxy's own page.
    return new ApiError(
      "SERVER_UNREACHABLE",
      `The server answered ${answer.status}: ${text.slice(0, 200)}`,
      answer.status,
    );
  }
}
