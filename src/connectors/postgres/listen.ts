import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "pg";
import type { Call } from "../sql/driver.ts";
import { Ear } from "./ear.ts";
import { isWorthWaiting } from "./postgres-error.ts";

/**
 * What a listener hears. A `gap` stands for whatever was not heard: what came before it began, while its connection was broken, or when more came than was
 * taken. Between two gaps nothing is missed.
 */
export type Heard<T> =
  | { readonly kind: "gap"; readonly reason: "started" | "reconnected" | "overflowed" }
  | { readonly kind: "notification"; readonly payload: T };

export interface Listening {
  readonly channel: string;
  /** How long a server may be away before listening fails. */
  readonly patienceMs: number;
  /** A connection that nobody else uses. @throws ConnectionFailed */
  readonly connect: (call: Call) => Promise<Client>;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 10_000;

/** Hears a channel until the loop is left or the signal aborts, over as many connections as it takes. */
export async function* listen({ channel, patienceMs, connect }: Listening, call: Call): AsyncGenerator<Heard<string>> {
  let client = await connect(call);
  for (let reason: "started" | "reconnected" = "started"; ; reason = "reconnected") {
    const ear = new Ear(client, channel, call);
    try {
      if (await ear.open()) yield { kind: "gap", reason };
      for (let heard = await ear.next(); heard.kind !== "broken"; heard = await ear.next())
        yield heard.kind === "notification" ? heard : { kind: "gap", reason: heard.kind };
    } finally {
      ear.close();
    }
    client = await connectAgain(connect, patienceMs, call);
  }
}

/** A server that restarts is waited for; a password that is wrong by now is not. */
async function connectAgain(connect: Listening["connect"], patienceMs: number, call: Call): Promise<Client> {
  const { signal } = call;
  const until = performance.now() + patienceMs;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      return await connect(call);
    } catch (error) {
      signal?.throwIfAborted();
      if (!isWorthWaiting((error as Error).cause) || performance.now() > until) throw error;
    }
    await pause(waitMs, undefined, signal === null ? {} : { signal }).catch(() => signal?.throwIfAborted());
  }
}
