import type { Contestant } from "./peer.ts";
import { contestantOf } from "./contestants.ts";
import { type Choice, chooseSettings, firstSetting, playRound } from "./plan.ts";
import type { Servers } from "./servers.ts";
import type { Row } from "./table.ts";
import { type Samples, type Sizes, WORKLOADS, type Workload } from "./workloads.ts";

export interface Heat {
  readonly systems: readonly string[];
  readonly sizes: Sizes;
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly sweep: boolean;
}

interface Lane {
  readonly system: string;
  readonly contestant: Contestant;
  readonly choice: Choice;
  readonly samples: Partial<Record<Workload, number[]>>;
  failed: string | null;
}

/** Each system once in every round, so that whatever else the machine does at a time meets all of them alike. */
export async function playHeat(servers: Servers, heat: Heat, note: (doing: string) => void): Promise<Row[]> {
  const lanes: Lane[] = [];
  for (const system of heat.systems) {
    const contestant = await contestantOf(system);
    const choice = heat.sweep ? await chooseSettings(servers, system, contestant, note) : firstSetting(contestant);
    lanes.push({ system, contestant, choice, samples: {}, failed: null });
  }
  for (let round = 1; round <= heat.rounds; round++) {
    // Nobody always comes after the same.
    const from = Math.floor((lanes.length * (round - 1)) / heat.rounds);
    for (const lane of [...lanes.slice(from), ...lanes.slice(0, from)]) {
      // What could not be measured once would only be waited for again.
      if (lane.failed !== null) continue;
      note(`round ${round} of ${heat.rounds}: ${lane.contestant.title}`);
      const { system, contestant, choice } = lane;
      const { samples, failed } = await playRound(servers, system, contestant, choice, heat.sizes, heat.warmUpMs);
      add(lane.samples, samples);
      lane.failed = failed;
      if (failed !== null) process.stderr.write(`${contestant.title}: ${failed}\n`);
    }
  }
  return lanes.map((lane) => ({ ...lane, version: lane.contestant.version() }));
}

function add(to: Partial<Record<Workload, number[]>>, samples: Samples): void {
  for (const workload of WORKLOADS) to[workload] = [...(to[workload] ?? []), ...(samples[workload] ?? [])];
}
