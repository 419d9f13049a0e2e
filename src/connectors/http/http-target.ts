import type { Connection } from "../../authoring/connection.ts";
import { TuttiError } from "../../core/errors.ts";

/** Where a connection's requests go, and how they say who sends them. */
export interface HttpTarget {
  /** Without user and password. */
  readonly base: URL;
  readonly user: string;
  /** Of the URL; a token where no user stands before it. */
  readonly password: string;
}

/**
 * Reads an `https://user:password@host/base` URL.
 *
 * @throws TuttiError `CONNECTION_URL_REFUSED`; the URL itself stays out of the message.
 */
export function httpTarget(connection: Connection, url: string): HttpTarget {
  const base = URL.canParse(url) ? new URL(url) : null;
  if (base === null || !["http:", "https:"].includes(base.protocol))
    throw new TuttiError(
      "CONNECTION_URL_REFUSED",
      `Connection "${connection.name}": its URL must begin with "https://" or "http://", such as "https://:token@api.example.com/v1".`,
    );
  const target = { user: decoded(base.username), password: decoded(base.password) };
  base.username = "";
  base.password = "";
  base.hash = "";
  return { base, ...target };
}

/** `Authorization` as the URL says it: user and password, or a token alone. */
export function authorization({ user, password }: HttpTarget): Readonly<Record<string, string>> {
  if (user !== "") return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
  return password === "" ? {} : { authorization: `Bearer ${password}` };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
