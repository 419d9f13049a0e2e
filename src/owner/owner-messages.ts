import type { RunEvent } from "../engine/run-event.ts";
import type { RunRequest } from "./run-session.ts";

/** Rises when an older client could not talk to a newer owner, or the other way round. */
export const PROTOCOL = 1;

/** What a client asks; `id` pairs the answer with it. A listener is implied where a run is named. */
export type OwnerRequest = { readonly id: number } & (
  | { readonly kind: "submit"; readonly request: RunRequest }
  | { readonly kind: "retry" | "resume" | "cancel" | "follow"; readonly runId: string }
  | { readonly kind: "prune"; readonly endedBefore: number }
  | { readonly kind: "status" }
);

export type OwnerMessage =
  /** The first thing an owner says. `ending`: it takes nothing new; the lock is free when it hangs up. */
  | {
      readonly kind: "hello";
      readonly protocol: number;
      readonly pid: number;
      readonly command: string;
      readonly ending: boolean;
    }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "refusal"; readonly id: number; readonly code: string; readonly message: string }
  | { readonly kind: "event"; readonly runId: string; readonly event: RunEvent };
