import { getCookie } from "hono/cookie";
import type { Context } from "hono";
import { TuttiError } from "../../core/errors.ts";
import { bothLimits, lesserRole } from "../../core/role.ts";
import { derived, hashSecret, sameSecret } from "../../owner/access/secret.ts";
import type { Caller } from "../caller.ts";
import type { ServerContext } from "../server-context.ts";
import { isLoopback } from "./place.ts";

/** How often a token's last use is written down. */
const TOUCH_EVERY_US = 60_000_000;

/** Who asks, by what he shows: a token, or the cookie of a session. `null`: he shows nothing. @throws TuttiError `UNAUTHENTICATED` */
export async function identify(http: Context, server: ServerContext): Promise<Caller | null> {
  const header = http.req.header("authorization");
  if (header !== undefined) {
    const [, token] = /^Bearer ([\w.~+/-]{1,500}=*)$/i.exec(header) ?? [];
    if (token === undefined) throw unauthenticated(`"Authorization" must be: Bearer <token>`);
    return ofToken(token, http, server);
  }
  const cookie = getCookie(http, server.cookie);
  return cookie === undefined ? null : ofCookie(cookie, http, server);
}

async function ofToken(secret: string, http: Context, server: ServerContext): Promise<Caller> {
  if (isLocal(http) && sameSecret(secret, server.localToken)) return local(server, null);
  const found = await server.reader.access.token(hashSecret(secret));
  const now = server.clock.now();
  if (found === null || found.token.revokedAt !== null || (found.token.expiresAt ?? Infinity) <= now)
    throw unauthenticated("This token is wrong, revoked or has expired. Make another one: tutti tokens add <name>");
  const { token, user } = found;
  if (token.user !== null && (user === null || user.disabled))
    throw unauthenticated("The user of this token may not sign in any more.");
  if (now - (token.lastUsedAt ?? 0) > TOUCH_EVERY_US)
    server.beside((session) => session.administer({ kind: "touch_token", id: token.id, at: now }, null));
  return {
    actor: token.user === null ? `token:${token.id}` : `user:${token.user}/token:${token.id}`,
    user: token.user,
    role: user === null ? token.role : lesserRole(token.role, user.role),
    tags: user === null ? token.tags : bothLimits(token.tags, user.tags),
    via: "token",
    csrf: null,
    session: null,
  };
}

async function ofCookie(secret: string, http: Context, server: ServerContext): Promise<Caller> {
  if (sameSecret(secret, localCookie(server))) {
    if (isLocal(http)) return local(server, csrfOf(secret));
    throw unauthenticated("Sign in.");
  }
  const hash = hashSecret(secret);
  const user = await server.reader.access.session(hash, server.clock.now());
  if (user === null) throw unauthenticated("The session has ended. Sign in again.");
  const { name, role, tags } = user;
  return { actor: `user:${name}`, user: name, role, tags, via: "session", csrf: csrfOf(secret), session: hash };
}

const local = ({ osUser }: ServerContext, csrf: string | null): Caller => ({
  actor: `local:${osUser}`,
  user: null,
  role: "admin",
  tags: null,
  via: "local",
  csrf,
  session: null,
});

/** The cookie of whoever opened the address that the server printed. */
export const localCookie = ({ localToken }: Pick<ServerContext, "localToken">): string => derived(localToken, "cookie");

/** Goes with the session, so nothing has to be kept for it; a page of another site can't know it. */
export const csrfOf = (session: string): string => derived(session, "csrf");

/** Whether it comes from this machine. A request that no socket brought is a test's. */
export function isLocal(http: Context): boolean {
  const address = remoteAddress(http);
  return address === null || isLoopback(address);
}

export function remoteAddress(http: Context): string | null {
  const { incoming } = (http.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress ?? null;
}

export const unauthenticated = (message: string): TuttiError => new TuttiError("UNAUTHENTICATED", message);
