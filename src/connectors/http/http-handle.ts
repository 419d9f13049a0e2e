import type { Connection } from "../../authoring/connection.ts";
import { parseDuration } from "../../core/duration.ts";
import { TuttiError } from "../../core/errors.ts";
import { type Given, given } from "../given.ts";
import { exchange } from "./exchange.ts";
import { requestRefused } from "./http-errors.ts";
import type { Http } from "./http.ts";
import type { HttpBody, HttpCallOptions, HttpOptions, HttpReply } from "./http-options.ts";
import { authorization, type HttpTarget, httpTarget } from "./http-target.ts";
import { readBytes } from "./read-body.ts";
import { encodeBody, headersOf, placeOf } from "./request-parts.ts";

const TIMEOUT = "30s";
const TRIES = 4;
const MAX_BYTES = 64 * 1024 ** 2;
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "PUT", "DELETE"]);

type Call = HttpCallOptions & { readonly body?: HttpBody };

/** `Http` over whatever the connection turns out to be, decided at each call: in a worker a URL, in a test a fake. */
export class HttpHandle implements Http {
  readonly name: string;
  readonly #connection: Connection;
  readonly #options: HttpOptions;

  constructor(connection: Connection, options: HttpOptions) {
    this.name = connection.name;
    this.#connection = connection;
    this.#options = options;
  }

  async get<T>(path: string, options?: HttpCallOptions): Promise<HttpReply<T>> {
    return await this.#read<T>("get", path, [options], { ...options });
  }

  async post<T>(path: string, body: HttpBody, options?: HttpCallOptions): Promise<HttpReply<T>> {
    return await this.#read<T>("post", path, [body, options], { ...options, body });
  }

  async put<T>(path: string, body: HttpBody, options?: HttpCallOptions): Promise<HttpReply<T>> {
    return await this.#read<T>("put", path, [body, options], { ...options, body });
  }

  async patch<T>(path: string, body: HttpBody, options?: HttpCallOptions): Promise<HttpReply<T>> {
    return await this.#read<T>("patch", path, [body, options], { ...options, body });
  }

  async delete<T>(path: string, options?: HttpCallOptions): Promise<HttpReply<T>> {
    return await this.#read<T>("delete", path, [options], { ...options });
  }

  async download(path: string, options: HttpCallOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const at = given(this.#connection);
    if (at.kind === "fake") return await at.call("download", [path, options]);
    return await this.#send(at, "GET", path, options, async (response) => response.body ?? new Blob([]).stream());
  }

  async #read<T>(method: string, path: string, rest: readonly unknown[], call: Call): Promise<HttpReply<T>> {
    const at = given(this.#connection);
    if (at.kind === "fake") return await at.call(method, [path, ...rest]);
    const limit = this.#options.maxBytes ?? MAX_BYTES;
    const what = this.#what(method, path);
    return await this.#send(at, method.toUpperCase(), path, call, async (response) => ({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: bodyOf(what, response, await readBytes(what, response, limit)) as T,
    }));
  }

  async #send<T>(
    at: Given & { readonly kind: "url" },
    method: string,
    path: string,
    call: Call,
    take: (response: Response) => Promise<T>,
  ): Promise<T> {
    const target = httpTarget(this.#connection, at.url);
    const { type, body } = encodeBody(call.body ?? null);
    const keyed = call.idempotencyKey !== undefined;
    const what = this.#what(method, path);
    return await exchange(
      {
        what,
        method,
        url: placeOf(what, target.base, path, call.query ?? {}),
        headers: headersOf(what, [
          type,
          this.#options.headers ?? {},
          call.headers ?? {},
          keyed ? { "idempotency-key": call.idempotencyKey } : {},
          this.#credentials(target),
        ]),
        body,
        timeoutMs: parseDuration(call.timeout ?? this.#options.timeout ?? TIMEOUT),
        signal: call.signal ?? this.#connection.signal(),
        idempotent: keyed || IDEMPOTENT.has(method),
        maxTries: this.#options.tries ?? TRIES,
      },
      take,
    );
  }

  #credentials(target: HttpTarget): Readonly<Record<string, string>> {
    const { auth } = this.#options;
    if (target.user === "" && target.password === "") return {};
    if (typeof auth === "object") return { [auth.header]: target.password };
    return authorization(auth === "bearer" ? { ...target, user: "" } : target);
  }

  #what(method: string, path: string): string {
    if (typeof path !== "string") throw requestRefused(`Connection "${this.name}": the path is no text.`);
    return `Connection "${this.name}": ${method.toUpperCase()} ${path.split(/[?#]/)[0]}`;
  }
}

function bodyOf(what: string, response: Response, bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) return null;
  const type = response.headers.get("content-type") ?? "";
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  if (!/[/+]json\b/i.test(type)) return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TuttiError("HTTP_BODY_UNREADABLE", `${what} answered with "${type}" that is no JSON.`, { cause: error });
  }
}
