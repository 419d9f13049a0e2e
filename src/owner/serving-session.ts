import { TuttiError } from "../core/errors.ts";
import { whoOwns } from "../store/sqlite/owner-lock.ts";
import { findOwner } from "./find-owner.ts";
import type { OwnerOptions } from "./owner-options.ts";
import type { RunSession } from "./run-session.ts";

/**
 * The way to whoever does the work of a store, for a process or thread that never does it itself.
 * @throws TuttiError `OWNER_GONE` while a SQLite store has no owner; as `FleetSession.open`
 */
export async function openServingSession(options: OwnerOptions): Promise<RunSession> {
  const { store } = options.config;
  // Each is loaded when it is needed: a server has no use for the engine's code.
  if (store.kind === "postgres") return (await import("./fleet/fleet-session.ts")).FleetSession.open(options, store);
  const owner = await findOwner(store.path);
  if (owner !== null) return owner;
  if (whoOwns(store.path) !== null) return new (await import("./inbox-session.ts")).InboxSession(store.path);
  throw new TuttiError(
    "OWNER_GONE",
    "No process owns the store now: nothing can be started or changed. Start one: tutti start",
  );
}

/** A session that is opened with its first use, and anew when there is no engine behind it any more. */
export class SessionLink {
  readonly #options: OwnerOptions;
  #session: Promise<RunSession> | null = null;

  constructor(options: OwnerOptions) {
    this.#options = options;
  }

  readonly session = (): Promise<RunSession> => {
    if (this.#session !== null) return this.#session;
    const opening = openServingSession(this.#options);
    this.#session = opening;
    const forget = (): void => void (this.#session === opening && (this.#session = null));
    opening.then(({ gone }) => gone.then(forget), forget);
    return opening;
  };

  /** Does something that nobody waits for. */
  readonly beside = (work: (session: RunSession) => Promise<unknown>): void => {
    void this.session()
      .then(work)
      .catch(() => {});
  };

  async close(): Promise<void> {
    const session = await this.#session?.catch(() => null);
    await session?.close(0);
  }
}
