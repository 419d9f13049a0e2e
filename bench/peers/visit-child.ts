import { contestantOf } from "./contestants.ts";
import type { Ground } from "./peer.ts";
import { measure, type Samples, type Sizes, warmUp, type Workload } from "./workloads.ts";

export interface Visit {
  readonly system: string;
  readonly ground: Ground;
  readonly sizes: Sizes;
  readonly workloads: readonly Workload[];
  readonly warmUpMs: number;
}

export type VisitEnd = { readonly samples: Samples } | { readonly failed: string };

process.once("message", (visit: Visit) => {
  void play(visit).then((end) => process.send!(end, () => process.exit(0)));
});

// Whoever ordered it is gone, or waits no longer: what it has started ends with it.
process.once("disconnect", () => process.exit(1));
process.once("SIGTERM", () => process.exit(1));

/** One system, in a process of its own, so that no other's code, garbage or timers are in its way. */
async function play({ system, ground, sizes, workloads, warmUpMs }: Visit): Promise<VisitEnd> {
  try {
    const peer = await (await contestantOf(system)).setup(ground);
    await warmUp(peer, sizes, warmUpMs);
    const samples = await measure(peer, sizes, workloads);
    await peer.teardown();
    return { samples };
  } catch (error) {
    return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
