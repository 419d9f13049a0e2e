import { accessContracts } from "../../api/access-contracts.ts";
import { instantFromDate } from "../../core/clock.ts";
import { TuttiError } from "../../core/errors.ts";
import { momentOrNull, momentText } from "../../core/moment-text.ts";
import { isWithin, mayAs, type TagLimit } from "../../core/role.ts";
import { apiToken } from "../../owner/access/api-token.ts";
import { auditEntry } from "../../owner/audited-session.ts";
import type { TokenRecord } from "../../store/access.ts";
import type { Caller } from "../caller.ts";
import { badRequest, forbidden } from "../failure.ts";
import { on } from "../handler.ts";
import { PageCursor, sliced } from "../page-cursor.ts";
import type { ServerContext } from "../server-context.ts";

export const tokenRoutes = [
  on(accessContracts.tokens, async ({ query, caller }, server) => {
    const page = sliced(await ofCaller(caller, server), query, new PageCursor("tokens", query));
    return { ...page, items: page.items.map(tokenDocument) };
  }),

  on(accessContracts.addToken, async ({ body, caller }, server) => {
    const { name, role = caller.role, tags = caller.tags, expiresAt = null } = body;
    if (caller.via === "token") throw forbidden("A token makes no tokens. Sign in.");
    if (!mayAs(caller.role, role)) throw forbidden(`You are "${caller.role}": a token of yours can't be "${role}".`);
    if (!isPartOf(tags, caller.tags)) throw forbidden("A token of yours can't see more workflows than you.");
    const at = server.clock.now();
    const expires = expiresAt === null ? null : instantFromDate(new Date(expiresAt));
    if (expires !== null && expires <= at) throw badRequest(`"expiresAt" has passed.`);
    const { secret, hash } = apiToken();
    const session = await server.session();
    const { id } = await session.administer(
      {
        kind: "create_token",
        name,
        hash,
        user: caller.user,
        role,
        tags,
        createdBy: caller.actor,
        at,
        expiresAt: expires,
      },
      auditEntry(caller.actor, "token.create", name, null, { role, tags, expiresAt }),
    );
    const token = (await server.reader.access.token(hash))?.token;
    if (id === undefined || token === undefined) throw new TuttiError("USER_NOT_FOUND", "You are no user any more.");
    return { token: tokenDocument(token), secret };
  }),

  on(accessContracts.revokeToken, async ({ params, caller }, server) => {
    const id = Number(params.token);
    const token = (await ofCaller(caller, server)).find((each) => each.id === id);
    if (token === undefined || token.revokedAt !== null)
      throw new TuttiError("TOKEN_NOT_FOUND", `There is no token ${params.token} that you could revoke.`);
    const session = await server.session();
    await session.administer(
      { kind: "revoke_token", id, at: server.clock.now() },
      auditEntry(caller.actor, "token.revoke", token.name, { id, revoked: false }, { id, revoked: true }),
    );
    return undefined;
  }),
];

/** An admin sees all of them, anybody else his own. */
async function ofCaller({ role, user }: Caller, { reader }: ServerContext): Promise<readonly TokenRecord[]> {
  const all = await reader.access.tokens();
  return role === "admin" ? all : all.filter((token) => user !== null && token.user === user);
}

const isPartOf = (tags: TagLimit, of: TagLimit): boolean =>
  of === null || (tags !== null && tags.every((tag) => isWithin([tag], of)));

const tokenDocument = ({ createdAt, expiresAt, lastUsedAt, revokedAt, tags, ...token }: TokenRecord) => ({
  ...token,
  tags: tags === null ? null : [...tags],
  createdAt: momentText(createdAt),
  expiresAt: momentOrNull(expiresAt),
  lastUsedAt: momentOrNull(lastUsedAt),
  revokedAt: momentOrNull(revokedAt),
});
