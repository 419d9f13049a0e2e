import type { Arrival } from "./arrival.ts";
import type { Claim } from "./dispatcher.ts";
import type { WaitingDrawer } from "./drawer-queue.ts";

/** What a run that is another scheduler's now leaves behind in this process. */
export interface Remains {
  /** What its own worker is still at. */
  readonly claims: readonly Claim[];
  /** What has arrived and is in no commit. */
  readonly unheard: readonly Arrival[];
  readonly drawers: readonly WaitingDrawer[];
}
