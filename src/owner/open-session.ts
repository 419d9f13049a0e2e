import { whoOwns } from "../store/sqlite/owner-lock.ts";
import { findOwner } from "./find-owner.ts";
import { FleetSession } from "./fleet/fleet-session.ts";
import { AuditedSession } from "./audited-session.ts";
import { HereSession } from "./fleet/here-session.ts";
import { InboxSession } from "./inbox-session.ts";
import { OwnEngine } from "./own-engine.ts";
import type { OwnerOptions } from "./owner-options.ts";
import type { RunSession } from "./run-session.ts";

const TRY_AGAIN_MS = 20;
/** An owner that has not said where it listens by then has no socket. */
const PATIENCE_MS = 3_000;

/**
 * The way to get work done on the project's store. On SQLite: becomes its owner, or talks to the one there is; of several that
 * try at once, one becomes it. On PostgreSQL: leaves rows for whoever schedules and works there.
 */
export async function openSession(options: OwnerOptions): Promise<RunSession> {
  const { actor, notice } = options;
  const session = await opened(options);
  return actor === undefined ? session : new AuditedSession(session, actor, notice);
}

function opened(options: OwnerOptions): Promise<RunSession> {
  const { store } = options.config;
  if (store.kind === "sqlite") return ownOrAsk(options, store.path);
  return options.here === true ? HereSession.open(options, store) : FleetSession.open(options, store);
}

async function ownOrAsk(options: OwnerOptions, path: string): Promise<RunSession> {
  for (let limit = performance.now() + PATIENCE_MS; ;) {
    const own = await OwnEngine.open(options, path);
    if (own !== null) return own;
    const found = await findOwner(path);
    if (found !== null) {
      if (!found.ending) return found;
      options.notice("The process that owns the store is ending; this one goes on after it.");
      await found.gone;
      limit = performance.now() + PATIENCE_MS;
    } else if (performance.now() > limit && whoOwns(path) !== null) return new InboxSession(path);
    else await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
  }
}
