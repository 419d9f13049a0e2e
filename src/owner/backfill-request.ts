import type { AskedBackfill } from "../core/backfill-plan.ts";
import type { BackfillAction } from "../core/backfill-state.ts";
import { systemClock } from "../core/clock.ts";
import type { BackfillRecord, NewBackfill } from "../store/backfills.ts";
import type { NewVersion, Store } from "../store/store.ts";

/** What is wanted of a backfill. Whoever asks for a new one gives it its id, so that asking twice makes one. */
export type BackfillRequest =
  | {
      readonly kind: "create";
      readonly backfill: Omit<NewBackfill, "versionId">;
      /** The code as it is now; `null`: what was deployed. */
      readonly version: NewVersion | null;
      /** The windows as somebody asked for them, for a server that plans them itself. */
      readonly asked?: Pick<AskedBackfill, "from" | "to" | "partition">;
    }
  | { readonly kind: BackfillAction; readonly id: string };

export const backfillOf = (request: BackfillRequest): string =>
  request.kind === "create" ? request.backfill.id : request.id;

/** `null`: there is none of that id. @throws TuttiError `WORKFLOW_NOT_REGISTERED` */
export async function carryOut(
  store: Pick<Store, "backfills" | "registerVersion">,
  request: BackfillRequest,
): Promise<BackfillRecord | null> {
  if (request.kind !== "create") return store.backfills.turn(request.id, request.kind, systemClock.now());
  const { backfill, version } = request;
  const versionId = version === null ? null : (await store.registerVersion(version)).id;
  return store.backfills.create({ ...backfill, versionId });
}
