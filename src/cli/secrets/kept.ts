import { didYouMean } from "../../authoring/nearest.ts";
import { systemClock } from "../../core/clock.ts";
import { TuttiError } from "../../core/errors.ts";
import type { Config } from "../../loader/config.ts";
import { type AnyConfig, isHere, type ServerPlace } from "../../owner/any-place.ts";
import { auditEntry } from "../../owner/audited-session.ts";
import { clientOf } from "../../owner/open-work.ts";
import { openSession } from "../../owner/open-session.ts";
import type { RunSession } from "../../owner/run-session.ts";
import { keepSecret, keptFacts } from "../../owner/secrets/keep-secret.ts";
import { addKeyToFile, type KeyRing, readKeyRing, requireKeyRing } from "../../owner/secrets/key-ring.ts";
import type { SecretKind, SecretRecord } from "../../store/secrets.ts";
import { asUser } from "../as-user.ts";
import type { CommandContext } from "../command.ts";
import { configOf } from "../config-of.ts";
import { isoText } from "../output/time-text.ts";
import { reading } from "../reading.ts";
import { UsageError } from "../usage-error.ts";
import { givenValue } from "./given-value.ts";

export interface KeptArgs {
  readonly name: string | undefined;
  readonly tags: readonly string[] | null;
  readonly description: string | undefined;
}

/** Keeps a connection or a secret. On one machine, the first one makes the key. */
export async function setKept(
  kind: SecretKind,
  { name, tags, description }: KeptArgs,
  context: CommandContext,
): Promise<void> {
  const named = requireName(kind, "set", name);
  const config = await configOf(context);
  const ring = isHere(config) ? ringOf(config, context) : null;
  const value = await givenValue(`Value of ${kind} "${named}"`);
  const given = { kind, name: named, value, tags, description: description ?? null };
  if (!isHere(config) || ring === null) return (await keptThere(config)).set(given);
  await changing(context, config, async (session, actor) => {
    const change = keepSecret(given, ring, { at: systemClock.now(), by: actor });
    await session.administer(change, auditEntry(actor, `${kind}.set`, named, null, keptFacts(change)));
  });
}

export async function removeKept(kind: SecretKind, name: string | undefined, context: CommandContext): Promise<void> {
  const named = requireName(kind, "rm", name);
  const config = await configOf(context);
  if (await removed(kind, named, config, context)) return;
  const code = kind === "connection" ? "CONNECTION_NOT_FOUND" : "SECRET_NOT_FOUND";
  const known = (await listKept(kind, config)).map((each) => each.name);
  throw new TuttiError(code, `The store keeps no ${kind} "${named}".${didYouMean(named, known)} See: tutti ${kind}s`);
}

async function removed(kind: SecretKind, name: string, config: AnyConfig, context: CommandContext): Promise<boolean> {
  if (!isHere(config)) return (await keptThere(config)).remove(kind, name);
  return changing(context, config, async (session, actor) => {
    const audit = auditEntry(actor, `${kind}.remove`, name, { value: "set" }, null);
    return (await session.administer({ kind: "remove_secret", of: kind, name }, audit)).applied;
  });
}

async function keptThere({ store }: AnyConfig) {
  const { ServerKept } = await import("../../owner/remote/server-kept.ts");
  return new ServerKept(clientOf(store as ServerPlace));
}

/** Of the store; nothing where there is none yet. */
export async function listKept(kind: SecretKind, config: AnyConfig): Promise<readonly SecretRecord[]> {
  if (!isHere(config)) return (await keptThere(config)).list(kind);
  return reading(config, (reader) => reader.secrets.list(kind)).catch((error: TuttiError) => {
    if (config.store.kind === "sqlite" && error.code === "STORE_NOT_FOUND") return [];
    throw error;
  });
}

export async function changing<T>(
  { out, typed }: CommandContext,
  config: Config,
  work: (session: RunSession, actor: string) => Promise<T>,
): Promise<T> {
  const { actor, ...session } = asUser(typed, out);
  const opened = await openSession({ ...session, config, serves: false });
  try {
    return await work(opened, actor);
  } finally {
    await opened.close(0);
  }
}

function ringOf(config: Config, { out }: CommandContext): KeyRing {
  if (readKeyRing(config) === null && config.store.kind === "sqlite") {
    addKeyToFile(config.encryptionKeyFile);
    out.note(
      `A key was made: ${config.encryptionKeyFile}. Keep a copy of it apart from the store: without it, what is kept here can't be read.`,
    );
  }
  return requireKeyRing(config);
}

function requireName(kind: SecretKind, act: string, name: string | undefined): string {
  if (name !== undefined && name !== "") return name;
  throw new UsageError(`"tutti ${kind}s ${act}" needs a name, as in: tutti ${kind}s ${act} orders`);
}

export const tagsText = ({ tags }: Pick<SecretRecord, "tags">): string =>
  tags === null ? "all" : `with tag ${tags.join(" or ")}`;

export const keptDocument = ({ createdAt, updatedAt, ...kept }: SecretRecord): object => ({
  ...kept,
  createdAt: isoText(createdAt),
  updatedAt: isoText(updatedAt),
});
