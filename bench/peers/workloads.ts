import { setTimeout as pause } from "node:timers/promises";
import type { Peer } from "./peer.ts";

export const WORKLOADS = ["chain", "fanOut", "runs", "idle"] as const;
export type Workload = (typeof WORKLOADS)[number];

export interface Sizes {
  readonly chain: { readonly length: number; readonly times: number };
  readonly fanOut: { readonly width: number; readonly times: number };
  readonly runs: { readonly count: number; readonly length: number; readonly times: number };
  readonly idle: { readonly times: number };
}

/** What the table shows. */
export const FULL: Sizes = {
  chain: { length: 40, times: 3 },
  fanOut: { width: 1_000, times: 1 },
  runs: { count: 1_000, length: 10, times: 1 },
  idle: { times: 10 },
};
/** What tells one setting of a system from another. */
export const SWEEP: Sizes = { ...FULL, runs: { count: 200, length: 10, times: 1 }, idle: { times: 5 } };
/** What shows that everything works. */
export const SMALL: Sizes = {
  chain: { length: 10, times: 1 },
  fanOut: { width: 100, times: 1 },
  runs: { count: 10, length: 10, times: 1 },
  idle: { times: 2 },
};
/** For systems that take a second for a task. */
export const FEW: Sizes = {
  chain: { length: 10, times: 1 },
  fanOut: { width: 20, times: 1 },
  runs: { count: 2, length: 10, times: 1 },
  idle: { times: 1 },
};

/** Milliseconds; for `runs` tasks a second. */
export type Samples = Readonly<Partial<Record<Workload, readonly number[]>>>;

export const UNITS: Readonly<Record<Workload, "ms" | "tasks/s">> = {
  chain: "ms",
  fanOut: "ms",
  runs: "tasks/s",
  idle: "ms",
};

const MEASURES: { readonly [W in Workload]: (peer: Peer, size: Sizes[W]) => Promise<number> } = {
  chain: (peer, { length }) => peer.chain(length),
  fanOut: (peer, { width }) => peer.fanOut(width),
  runs: async (peer, { count, length }) => ((count * length) / (await peer.runs(count, length))) * 1_000,
  idle: async (peer) => {
    // At no fixed distance from what went before, or a poller would always be met at the same point.
    await pause(100 + Math.random() * 200);
    return peer.idle();
  },
};

/** The same for all of a heat: until the time is over runs of every kind, so that what compiles is compiled and connections are open. */
export async function warmUp(peer: Peer, sizes: Sizes, ms: number): Promise<void> {
  if (ms === 0) return;
  const until = performance.now() + ms;
  await peer.chain(sizes.chain.length);
  await peer.idle();
  if (performance.now() < until) await peer.fanOut(sizes.fanOut.width);
  while (performance.now() < until) await peer.runs(20, sizes.runs.length);
}

export async function measure(peer: Peer, sizes: Sizes, workloads: readonly Workload[]): Promise<Samples> {
  const samples: Partial<Record<Workload, number[]>> = {};
  for (const workload of workloads) samples[workload] = await repeated(peer, sizes, workload);
  return samples;
}

async function repeated<W extends Workload>(peer: Peer, sizes: Sizes, workload: W): Promise<number[]> {
  const size = sizes[workload];
  const found: number[] = [];
  for (let time = 0; time < size.times; time++) found.push(await MEASURES[workload](peer, size));
  return found;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
