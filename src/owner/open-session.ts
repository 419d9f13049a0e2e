import type { Config } from "../loader/config.ts";
import { whoOwns } from "../store/sqlite/owner-lock.ts";
import { InboxSession } from "./inbox-session.ts";
import { OwnEngine, type OwnerOptions } from "./own-engine.ts";
import { OwnerClient } from "./owner-client.ts";
import type { RunSession } from "./run-session.ts";

const TRY_AGAIN_MS = 20;
/** An owner that has not said where it listens by then has no socket. */
const PATIENCE_MS = 3_000;

/** Becomes the owner of the project's store, or talks to the one there is. Of several that try at once, one becomes it. */
export async function openSession(options: OwnerOptions): Promise<RunSession> {
  for (let limit = performance.now() + PATIENCE_MS; ;) {
    const own = await OwnEngine.open(options);
    if (own !== null) return own;
    const found = await findOwner(options.config);
    if (found !== null) {
      if (!found.ending) return found;
      options.notice("The process that owns the store is ending; this one goes on after it.");
      await found.gone;
      limit = performance.now() + PATIENCE_MS;
    } else if (performance.now() > limit && whoOwns(options.config.storePath) !== null)
      return new InboxSession(options.config.storePath);
    else await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
  }
}

/** The owner of the project's store; `null`: there is none, or it does not answer. */
export async function findOwner(config: Config): Promise<OwnerClient | null> {
  const socket = whoOwns(config.storePath)?.socket;
  return socket ? OwnerClient.connect(socket) : null;
}
