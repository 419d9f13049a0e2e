import type { Contestant, Setting } from "./peer.ts";
import type { Servers } from "./servers.ts";
import { visit } from "./visit.ts";
import { median, type Samples, type Sizes, SWEEP, UNITS, WORKLOADS, type Workload } from "./workloads.ts";

/** What each workload of a system is measured with: the best of its sweep. */
export type Choice = Readonly<Record<Workload, Setting>>;

export const firstSetting = ({ sweep }: Contestant): Choice => {
  const first = sweep[0] as Setting;
  return { chain: first, fanOut: first, runs: first, idle: first };
};

export async function chooseSettings(
  servers: Servers,
  system: string,
  contestant: Contestant,
  note: (doing: string) => void,
): Promise<Choice> {
  if (contestant.sweep.length === 1) return firstSetting(contestant);
  const found: { readonly setting: Setting; readonly samples: Samples }[] = [];
  for (const setting of contestant.sweep) {
    note(`sweep: ${system}, ${settingText(setting)}`);
    const order = { system, sizes: SWEEP, workloads: WORKLOADS, warmUpMs: 1_000 };
    const end = await visit(servers, contestant, setting, order);
    if ("samples" in end) found.push({ setting, samples: end.samples });
    else process.stderr.write(`${system}, ${settingText(setting)}: ${end.failed}\n`);
  }
  if (found.length === 0) return firstSetting(contestant);
  const best = (workload: Workload): Setting => {
    const score = ({ samples }: { samples: Samples }) =>
      median(samples[workload]!) * (UNITS[workload] === "ms" ? 1 : -1);
    return found.toSorted((a, b) => score(a) - score(b))[0]!.setting;
  };
  return { chain: best("chain"), fanOut: best("fanOut"), runs: best("runs"), idle: best("idle") };
}

/** One round of one system: a visit for each setting that it needs. */
export async function playRound(
  servers: Servers,
  system: string,
  contestant: Contestant,
  choice: Choice,
  sizes: Sizes,
  warmUpMs: number,
): Promise<{ readonly samples: Samples; readonly failed: string | null }> {
  let samples: Samples = {};
  for (const [setting, workloads] of Map.groupBy(WORKLOADS, (workload) => choice[workload])) {
    const end = await visit(servers, contestant, setting, { system, sizes, workloads, warmUpMs });
    if ("failed" in end) return { samples, failed: end.failed };
    samples = { ...samples, ...end.samples };
  }
  return { samples, failed: null };
}

export const settingText = (setting: Setting): string =>
  Object.entries(setting)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ") || "as shipped";
