import { createHash, randomBytes } from "node:crypto";
import { TuttiError } from "../core/errors.ts";
import { instantOfRunId, isRunIdPrefix, runIdFrom } from "../core/run-id.ts";
import type { Caller } from "./caller.ts";
import { badRequest } from "./failure.ts";
import type { ServerContext } from "./server-context.ts";

/**
 * What a key of a client stands for: `fresh`, unless the key was used before for the same. Said before the work is begun, so that
 * who asks again after a crash goes on with the same run.
 *
 * @throws TuttiError `KEY_REUSED`
 */
export async function subjectOf(
  key: string | null,
  asked: unknown,
  fresh: string,
  caller: Caller,
  server: ServerContext,
): Promise<{ readonly subject: string; readonly first: boolean }> {
  if (key === null) return { subject: fresh, first: true };
  const fingerprint = createHash("sha256").update(JSON.stringify(asked)).digest("base64url");
  const session = await server.session();
  const { applied, key: known } = await session.administer(
    { kind: "claim_key", actor: caller.actor, key, fingerprint, subject: fresh, at: server.clock.now() },
    null,
  );
  if (known !== undefined && known.fingerprint !== fingerprint)
    throw new TuttiError(
      "KEY_REUSED",
      `The Idempotency-Key "${key}" was used for something else within the last day. Take another one.`,
    );
  return { subject: known?.subject ?? fresh, first: applied };
}

/** Of what is asked for now: of a run, a backfill, an event. */
export const newId = ({ clock }: Pick<ServerContext, "clock">): string => runIdFrom(clock.now(), randomBytes(10));

/** How far the clock of whoever makes an id may be from ours. */
const NEAR_US = 24 * 3_600_000_000;

/**
 * An id that a client has made itself, which is then also the key under which it asks. `null`: it made none.
 * `exists`: whether there is something of that id. @throws TuttiError `BAD_REQUEST`
 */
export function ownId(id: string | undefined, { clock }: ServerContext, exists: (id: string) => Promise<boolean>) {
  if (id === undefined) return null;
  if (!isRunIdPrefix(id) || Math.abs(instantOfRunId(id) - clock.now()) > NEAR_US)
    throw badRequest(`"id" must be a new one: a UUIDv7 of now, as 26 lower-case characters.`);
  return {
    id,
    // No key of a client holds a space.
    key: `id ${id}`,
    check: async (): Promise<void> => {
      if (await exists(id))
        throw new TuttiError("KEY_REUSED", `There is something of the id "${id}" already. Make another one.`);
    },
  };
}
