import type { Drawer } from "../authoring/context.ts";
import { decodeValue, encodeValue } from "../core/value-codec.ts";

/** Reads with no value, writes with one, deletes with `null`; resolves once that is durable. */
export type DrawerPort = (key: string, value?: string | null) => Promise<string | null>;

/** Reads as the port does, and keeps what is written to itself: the code goes on as if it had been, and nobody else sees it. */
export function unwritten(port: DrawerPort): DrawerPort {
  const kept = new Map<string, string | null>();
  return async (key, value) => {
    if (value === undefined) return kept.has(key) ? kept.get(key)! : port(key);
    kept.set(key, value);
    return null;
  };
}

/** `ctx.state` or `ctx.memory`: values by key, kept by the engine. */
export class DrawerClient implements Drawer {
  readonly #what: string;
  readonly #port: DrawerPort;

  constructor(what: string, port: DrawerPort) {
    this.#what = what;
    this.#port = port;
  }

  async get<T>(key: string): Promise<T | undefined> {
    const text = await this.#port(key);
    return text === null ? undefined : (decodeValue(text) as T);
  }

  async set(key: string, value: unknown): Promise<void> {
    await this.#port(
      key,
      value === undefined ? null : encodeValue(value, { at: `${this.#what} under ${JSON.stringify(key)}` }),
    );
  }

  async update<T>(key: string, change: (old: T | undefined) => T): Promise<T> {
    const value = change(await this.get<T>(key));
    await this.set(key, value);
    return value;
  }
}
