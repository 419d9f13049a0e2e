import { Bed } from "./bed.ts";
import { Limit } from "./limit.ts";

/** What stands side by side while figures are measured, so that the same noise meets all of it. */
export interface Rig {
  readonly limit: Limit;
  readonly bed: Bed;
  /** The same with a long history. */
  readonly old: Bed;
  readonly history: number;
}

export async function openRig(history: number): Promise<Rig> {
  return { limit: await Limit.open(), bed: await Bed.open(), old: await Bed.open({ history }), history };
}

export async function closeRig({ limit, bed, old }: Rig): Promise<void> {
  await Promise.all([limit.close(), bed.close(), old.close()]);
}
