import { setCookie } from "hono/cookie";
import type { Context } from "hono";
import { TuttiError } from "../../core/errors.ts";
import { hashSecret, newSecret } from "../../owner/access/secret.ts";
import { auditEntry } from "../../owner/audited-session.ts";
import type { UserRecord } from "../../store/access.ts";
import type { Caller } from "../caller.ts";
import type { ServerContext } from "../server-context.ts";
import { csrfOf, remoteAddress } from "./identify.ts";

const SESSION_S = 7 * 24 * 3600;
const US = 1_000_000;

/** @throws TuttiError `RATE_LIMITED` */
export function tryOnce(http: Context, name: string, { tries }: ServerContext): void {
  const waitS = Math.max(tries.take(`name ${name}`), tries.take(`address ${remoteAddress(http) ?? ""}`));
  if (waitS === 0) return;
  http.header("retry-after", String(waitS));
  throw new TuttiError("RATE_LIMITED", `Too many tries. Try again in ${waitS} s.`);
}

/** Lets a user in from now on. `how`: where he showed who he is, if not here. */
export async function beginSession(
  { name, role, tags }: UserRecord,
  http: Context,
  server: ServerContext,
  how: "password" | "oidc" = "password",
): Promise<Caller> {
  const secret = newSecret();
  const hash = hashSecret(secret);
  const session = await server.session();
  const at = server.clock.now();
  await session.administer(
    { kind: "open_session", hash, user: name, at, expiresAt: at + SESSION_S * US },
    auditEntry(`user:${name}`, "session.open", name, null, how === "password" ? null : { how }),
  );
  setSessionCookie(http, secret, server);
  return { actor: `user:${name}`, user: name, role, tags, via: "session", csrf: csrfOf(secret), session: hash };
}

export const setSessionCookie = (http: Context, secret: string, { cookie, addresses }: ServerContext): void =>
  setCookie(http, cookie, secret, {
    path: "/",
    httpOnly: true,
    sameSite: "Strict",
    secure: addresses.secure,
    maxAge: SESSION_S,
  });
