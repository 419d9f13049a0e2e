import { useSyncExternalStore } from "react";
import type { Answer } from "../../../src/client/index.ts";
import type { Role } from "../../../src/core/role.ts";
import { mayAs } from "../../../src/core/role.ts";
import { carry, isSignedOut, tutti } from "./tutti.ts";

export type Me = Answer<"get", "/api/session">;

/** Who is looking. `ended`: he was, and what he typed is still there. */
export type SessionState =
  | { readonly kind: "asking" }
  | { readonly kind: "away"; readonly message: string }
  | { readonly kind: "out" }
  | { readonly kind: "in"; readonly me: Me }
  | { readonly kind: "ended"; readonly me: Me };

class Session {
  #state: SessionState = { kind: "asking" };
  readonly #listeners = new Set<() => void>();

  get state(): SessionState {
    return this.#state;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Asks the server who this is. */
  async ask(): Promise<void> {
    try {
      this.entered(await tutti().get("/api/session"));
    } catch (error) {
      if (isSignedOut(error)) this.#set({ kind: "out" });
      else this.#set({ kind: "away", message: (error as Error).message });
    }
  }

  entered(me: Me): void {
    carry(me.csrf);
    this.#set({ kind: "in", me });
  }

  /** The server no longer knows who this is. */
  ended(): void {
    if (this.#state.kind === "in") this.#set({ kind: "ended", me: this.#state.me });
    else if (this.#state.kind !== "ended") this.#set({ kind: "out" });
  }

  async leave(): Promise<void> {
    await tutti().delete("/api/session");
    location.assign("/");
  }

  #set(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

export const session = new Session();

export const useSession = (): SessionState => useSyncExternalStore(session.subscribe, () => session.state);

export function useMe(): Me | null {
  const state = useSession();
  return state.kind === "in" || state.kind === "ended" ? state.me : null;
}

/** Why the viewer may not; `null`: he may. */
export function useRefusal(needed: Role): string | null {
  const me = useMe();
  if (me === null) return "You are not signed in.";
  return mayAs(me.role, needed) ? null : `This needs the role "${needed}"; you are "${me.role}".`;
}
