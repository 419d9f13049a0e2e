import { secretContracts } from "../../api/secret-contracts.ts";
import { TuttiError } from "../../core/errors.ts";
import { momentText } from "../../core/moment-text.ts";
import { isWithin, type TagLimit } from "../../core/role.ts";
import { auditEntry } from "../../owner/audited-session.ts";
import { type GivenSecret, keepSecret, keptFacts } from "../../owner/secrets/keep-secret.ts";
import { requireKeyRing } from "../../owner/secrets/key-ring.ts";
import type { SecretKind, SecretRecord } from "../../store/secrets.ts";
import type { Caller } from "../caller.ts";
import { forbidden } from "../failure.ts";
import { on } from "../handler.ts";
import type { ServerContext } from "../server-context.ts";

export const secretRoutes = [
  on(secretContracts.list, async ({ caller }, server) => ({
    items: (await visible("secret", caller, server)).map(document),
  })),

  on(secretContracts.set, async ({ body, caller }, server) => {
    const { name, value, tags = caller.tags, description = null } = body;
    return document(await set({ kind: "secret", name, value, tags, description }, caller, server));
  }),

  on(secretContracts.remove, async ({ params, caller }, server) => remove("secret", params.secret, caller, server)),

  on(secretContracts.connections, async ({ caller }, server) => ({
    items: (await visible("connection", caller, server)).map(connectionDocument),
  })),

  on(secretContracts.setConnection, async ({ body, caller }, server) => {
    const { name, url, tags = caller.tags, description = null } = body;
    return connectionDocument(await set({ kind: "connection", name, value: url, tags, description }, caller, server));
  }),

  on(secretContracts.removeConnection, async ({ params, caller }, server) =>
    remove("connection", params.connection, caller, server),
  ),
];

/** Those that some workflow may use which the caller may see. */
async function visible(
  kind: SecretKind,
  { tags }: Caller,
  { reader }: ServerContext,
): Promise<readonly SecretRecord[]> {
  const all = await reader.secrets.list(kind);
  return tags === null ? all : all.filter((kept) => kept.tags !== null && isWithin(kept.tags, tags));
}

async function set(given: GivenSecret, caller: Caller, server: ServerContext): Promise<SecretRecord> {
  const { kind, name } = given;
  if (!isPartOf(given.tags, caller.tags))
    throw forbidden(`You may keep a ${kind} only for workflows with the tags that you see: give "tags" among them.`);
  const before = (await server.reader.secrets.list(kind)).find((kept) => kept.name === name);
  if (before !== undefined) refuseForeign(before, caller);
  const change = keepSecret(given, requireKeyRing(server.config), { at: server.clock.now(), by: caller.actor });
  const was = before === undefined ? null : { value: "set", tags: before.tags, shown: before.shown };
  const session = await server.session();
  await session.administer(change, auditEntry(caller.actor, `${kind}.set`, name, was, keptFacts(change)));
  return (await server.reader.secrets.list(kind)).find((kept) => kept.name === name)!;
}

async function remove(kind: SecretKind, name: string, caller: Caller, server: ServerContext): Promise<undefined> {
  const found = (await visible(kind, caller, server)).find((kept) => kept.name === name);
  if (found === undefined) throw notFound(kind, name);
  refuseForeign(found, caller);
  const was = { value: "set", tags: found.tags, shown: found.shown };
  const session = await server.session();
  const audit = auditEntry(caller.actor, `${kind}.remove`, name, was, null);
  const { applied } = await session.administer({ kind: "remove_secret", of: kind, name }, audit);
  if (!applied) throw notFound(kind, name);
  return undefined;
}

/** What workflows use that the caller may not see is not his to change. */
function refuseForeign({ kind, name, tags }: SecretRecord, caller: Caller): void {
  if (isPartOf(tags, caller.tags)) return;
  throw forbidden(`The ${kind} "${name}" is kept for workflows that you may not see.`);
}

const isPartOf = (tags: TagLimit, of: TagLimit): boolean =>
  of === null || (tags !== null && tags.length > 0 && tags.every((tag) => of.includes(tag)));

const notFound = (kind: SecretKind, name: string): TuttiError =>
  new TuttiError(
    kind === "secret" ? "SECRET_NOT_FOUND" : "CONNECTION_NOT_FOUND",
    `The store keeps no ${kind} "${name}", or you may not see it.`,
  );

const document = ({ name, description, tags, keyId, createdAt, updatedAt, updatedBy }: SecretRecord) => ({
  name,
  description,
  tags: tags === null ? null : [...tags],
  keyId,
  createdAt: momentText(createdAt),
  updatedAt: momentText(updatedAt),
  updatedBy,
});

const connectionDocument = (kept: SecretRecord) => ({ ...document(kept), shown: kept.shown ?? "" });
