import { readFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { parsed } from "./web.ts";
import type { SparkConnection } from "./spark-connection.ts";
import { SparkUnreachable } from "./spark-errors.ts";

/** What Kubernetes puts into each pod for its service account. */
const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
const TIMEOUT_MS = 5_000;

/**
 * The few requests that watching a pod takes. It signs in with a token: that of the connection, or of the pod that we run in. Kubeconfig files are
 * read by `spark-submit` and not here.
 */
export class KubernetesApi {
  readonly namespace: string;
  readonly #connection: SparkConnection;
  readonly #server: string;

  constructor(connection: SparkConnection) {
    this.#connection = connection;
    const address = connection.master.replace(/^k8s:\/\//, "").replace(/\/+$/, "");
    this.#server = /^https?:\/\//.test(address) ? address : `https://${address}`;
    this.namespace = connection.options.namespace ?? "default";
  }

  /** `null`: there is no such thing. */
  async get<T>(path: string, signal: AbortSignal | null): Promise<T | null> {
    const { status, text } = await this.#ask("GET", path, signal);
    if (status === 404) return null;
    const value = status < 400 ? parsed<T>(text) : undefined;
    if (value === undefined) throw this.#refused(status, text);
    return value;
  }

  /** `""` where there is nothing to read yet. */
  async text(path: string, signal: AbortSignal | null): Promise<string> {
    const { status, text } = await this.#ask("GET", path, signal);
    return status < 400 ? text : "";
  }

  async delete(path: string, signal: AbortSignal | null): Promise<void> {
    const { status, text } = await this.#ask("DELETE", path, signal);
    if (status >= 400 && status !== 404) throw this.#refused(status, text);
  }

  // Not fetch: that takes no certificate authority of one's own, and every cluster has one.
  async #ask(method: string, path: string, signal: AbortSignal | null): Promise<{ status: number; text: string }> {
    const url = `${this.#server}/api/v1/namespaces/${encodeURIComponent(this.namespace)}/${path}`;
    const { options } = this.#connection;
    const token = options.token ?? (await fileOr(options.token_file ?? `${ACCOUNT}/token`))?.trim();
    const ca = await fileOr(options.ca_file ?? `${ACCOUNT}/ca.crt`);
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
    const request = (url.startsWith("https:") ? httpsRequest : httpRequest)(url, {
      method,
      timeout: TIMEOUT_MS,
      headers: { accept: "*/*", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      ...(ca === undefined ? {} : { ca }),
      ...(signal === null ? {} : { signal }),
    });
    request.on("timeout", () => request.destroy(new Error("it took too long")));
    request.on("error", reject);
    request.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("error", reject).on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.end();
    return await promise.catch((error: Error) => {
      signal?.throwIfAborted();
      throw new SparkUnreachable(`The Kubernetes API at ${this.#server} does not answer: ${error.message}.`, {
        cause: error,
      });
    });
  }

  #refused(status: number, text: string): SparkUnreachable {
    const remedy =
      status === 401 || status === 403 ? " Give the connection a token that may read and delete pods." : "";
    const message = parsed<{ message?: string }>(text)?.message ?? text.slice(0, 200);
    return new SparkUnreachable(`The Kubernetes API answered ${status}: ${message}.${remedy}`);
  }
}

async function fileOr(path: string): Promise<string | undefined> {
  return await readFile(path, "utf8").catch(() => undefined);
}
