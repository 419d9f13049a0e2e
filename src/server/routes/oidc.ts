import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { Context } from "hono";
import { accessContracts } from "../../api/access-contracts.ts";
import { TuttiError } from "../../core/errors.ts";
import { sameTags } from "../../core/role.ts";
import { auditEntry } from "../../owner/audited-session.ts";
import type { UserRecord } from "../../store/access.ts";
import { type OidcAttempt, type OidcSignIn, type OidcUser, refused } from "../auth/oidc.ts";
import { beginSession, tryOnce } from "../auth/session.ts";
import { on } from "../handler.ts";
import type { ServerContext } from "../server-context.ts";

/** As long as somebody may take at the provider. */
const ATTEMPT_S = 600;
const PATH = "/auth/oidc";

export const oidcRoutes = [
  on(accessContracts.ways, async (_, { oidc }) => ({
    password: true,
    oidc: oidc === null ? null : { label: oidc.settings.label, url: PATH },
  })),

  on(accessContracts.oidcBegin, async ({ http }, server) => {
    tryOnce(http, "oidc", server);
    const { url, attempt } = await required(server).begin();
    // Lax: the browser comes back from another site.
    setCookie(http, cookieOf(server), Buffer.from(JSON.stringify(attempt)).toString("base64url"), {
      path: PATH,
      httpOnly: true,
      sameSite: "Lax",
      secure: server.addresses.secure,
      maxAge: ATTEMPT_S,
    });
    return http.redirect(url, 303);
  }),

  on(accessContracts.oidcEnd, async ({ http }, server) => {
    tryOnce(http, "oidc", server);
    const oidc = required(server);
    const attempt = attemptOf(http, server);
    deleteCookie(http, cookieOf(server), { path: PATH });
    if (attempt === null) throw refused("this browser did not begin to sign in, or took too long. Begin again");
    const told = await oidc.end(new URL(http.req.url).search.slice(1), attempt);
    await beginSession(await userFor(told, server), http, server, "oidc");
    http.header("cache-control", "no-store");
    // A page of ours that leads on: a redirect would still count as coming from the provider, and bring no cookie.
    return http.html(
      `<!doctype html><meta http-equiv="refresh" content="0;url=/"><title>tutti</title><a href="/">Go on</a>`,
    );
  }),
];

/** With what the provider says that he may; one that it does not know yet is made. */
async function userFor({ name, rights }: OidcUser, server: ServerContext): Promise<UserRecord> {
  const session = await server.session();
  const found = await server.reader.access.credential(name);
  // Somebody's own password says who he is; a name that the provider gives does not take that over.
  if (found !== null && found.password !== null) throw refused(`user "${name}" signs in with a password here`);
  if (found?.user.disabled) throw refused(`user "${name}" may not sign in any more`);
  if (rights === null) {
    if (found === null) throw refused(`there is no user "${name}". An admin can add one: tutti users add ${name}`);
    return found.user;
  }
  const { role, tags } = rights;
  const actor = `oidc:${name}`;
  if (found === null) {
    const at = server.clock.now();
    const audit = auditEntry(actor, "user.create", name, null, { role, tags });
    await session.administer({ kind: "create_user", name, role, tags, password: null, at }, audit);
  } else if (found.user.role !== role || !sameTags(found.user.tags, tags)) {
    const audit = auditEntry(
      actor,
      "user.change",
      name,
      { role: found.user.role, tags: found.user.tags },
      { role, tags },
    );
    await session.administer({ kind: "change_user", name, role, tags }, audit);
  }
  return (await server.reader.access.credential(name))!.user;
}

function required({ oidc }: ServerContext): OidcSignIn {
  if (oidc !== null) return oidc;
  throw new TuttiError(
    "OIDC_NOT_CONFIGURED",
    `This server knows no provider to sign in with: "oidc" in tutti.config.ts.`,
  );
}

const cookieOf = ({ cookie }: ServerContext): string => `${cookie}_oidc`;

function attemptOf(http: Context, server: ServerContext): OidcAttempt | null {
  try {
    const text = Buffer.from(getCookie(http, cookieOf(server)) ?? "", "base64url").toString("utf8");
    const { state, nonce, verifier } = JSON.parse(text) as Partial<OidcAttempt>;
    return [state, nonce, verifier].every((part) => typeof part === "string" && part.length > 20)
      ? ({ state, nonce, verifier } as OidcAttempt)
      : null;
  } catch {
    return null;
  }
}
