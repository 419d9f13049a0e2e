import type { BackfillView } from "../store/store-view.ts";
import type { BackfillRequest } from "./backfill-request.ts";
import type { BackfillerDeps } from "../engine/backfill/backfiller.ts";
import type { RunSession } from "./run-session.ts";

/** What of getting work done also a server does for whoever asks over HTTP: a `RunSession` can, and so can `ServerSession`. */
export interface WorkSession extends Pick<
  RunSession,
  | "isOwner"
  | "gone"
  | "submit"
  | "retry"
  | "resume"
  | "cancel"
  | "control"
  | "resizePool"
  | "setPaused"
  | "retryAlert"
  | "emit"
  | "status"
  | "afterStop"
  | "close"
> {
  backfill(request: BackfillRequest, onRest?: BackfillerDeps["onRest"]): Promise<BackfillView | null>;
}
