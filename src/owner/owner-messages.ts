import type { ControlRequest } from "../engine/control-request.ts";
import type { RunEvent } from "../engine/run-event.ts";
import type { TaskProgress } from "../engine/task-progress.ts";
import type { AccessChange, AuditEntry } from "../store/access.ts";
import type { Deployment } from "../store/deployment.ts";
import type { PoolChange } from "../store/limits.ts";
import type { BackfillRequest } from "./backfill-request.ts";
import type { EmitRequest, RetryOptions, RunRequest } from "./run-session.ts";

/** Rises when an older client could not talk to a newer owner, or the other way round. */
export const PROTOCOL = 1;

/** What a client asks; `id` pairs the answer with it. A listener is implied where a run is named. */
export type OwnerRequest = { readonly id: number } &
  /** `quiet`: nobody is told about the run. */
  (
    | { readonly kind: "submit"; readonly request: RunRequest; readonly quiet?: true }
    | { readonly kind: "retry"; readonly runId: string; readonly options?: RetryOptions; readonly quiet?: true }
    | { readonly kind: "resume" | "cancel" | "follow"; readonly runId: string }
    | { readonly kind: "control"; readonly runId: string; readonly control: ControlRequest; readonly quiet?: true }
    | { readonly kind: "resizePool"; readonly change: PoolChange }
    | { readonly kind: "prune"; readonly endedBefore: number }
    | { readonly kind: "deploy"; readonly deployment: Deployment }
    | { readonly kind: "setPaused"; readonly workflow: string; readonly by: string | null }
    | { readonly kind: "backfill"; readonly request: BackfillRequest }
    | { readonly kind: "administer"; readonly change: AccessChange; readonly audit: AuditEntry | null }
    /** From now on: which runs have changed, and how far their tasks are. */
    | { readonly kind: "changes" }
    | { readonly kind: "retryAlert"; readonly alert: number }
    | { readonly kind: "emit"; readonly request: EmitRequest }
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
  | { readonly kind: "changed"; readonly runs: readonly string[] }
  | { readonly kind: "progress"; readonly all: readonly TaskProgress[] }
  | { readonly kind: "event"; readonly runId: string; readonly event: RunEvent };
