import { Bed } from "./bed.ts";
import { Limit } from "./limit.ts";

/** What stands side by side while figures are measured, so that the same noise meets all of it. */
export interface Pair {
  readonly limit: Limit;
  readonly bed: Bed;
}

export interface Rig extends Pair {
  /** The same with a long history. */
  readonly old: Bed;
  readonly history: number;
}

export async function openRig(history: number): Promise<Rig> {
  const [limit, bed] = [await Limit.open(), await Bed.open()];
  // What compiles is the process's, not the bed's: only its children are still cold.
  return { limit, bed, old: await Bed.open({ history, warmUpRuns: 1_000 }), history };
}

export async function closeRig({ limit, bed, old }: Rig): Promise<void> {
  await Promise.all([limit.close(), bed.close(), old.close()]);
}
