import type { Connection } from "../../authoring/connection.ts";
import { exchange } from "./exchange.ts";
import { readText } from "./read-body.ts";

const TIMEOUT_MS = 15_000;
const TRIES = 4;
const ANSWER_BYTES = 64 * 1024;

export interface Post {
  /** In messages; without the URL, which is often the secret itself. */
  readonly what: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** The receiver recognises a repeat. */
  readonly idempotent: boolean;
  readonly signal: AbortSignal | null;
}

/** Sends JSON to a hook and gives what it answers, as text. */
export const post = async ({ what, url, headers = {}, body, idempotent, signal }: Post): Promise<string> =>
  await exchange(
    {
      what,
      method: "POST",
      url,
      headers: { "content-type": "application/json", ...headers },
      body,
      timeoutMs: TIMEOUT_MS,
      signal,
      idempotent,
      maxTries: TRIES,
    },
    async (response) => await readText(response, ANSWER_BYTES),
  );

/** The signal of a call, else that of the task which makes it. */
export const signalFor = (
  connection: Connection,
  call: { readonly signal?: AbortSignal } | undefined,
): AbortSignal | null => call?.signal ?? connection.signal();
