import { BACKFILL_ORDERS, BACKFILL_VERSIONS, REPROCESS } from "../../core/backfill.ts";
import { type AskedBackfill, type PlannedBackfill, planBackfill } from "../../core/backfill-plan.ts";
import { systemClock } from "../../core/clock.ts";
import { didYouMean } from "../../authoring/nearest.ts";
import { type AnyConfig, isHere } from "../../owner/any-place.ts";
import type { NewVersion } from "../../store/store.ts";
import type { CommandContext } from "../command.ts";
import { findTarget } from "../find-target.ts";
import { latestVersion } from "../latest-version.ts";
import { UsageError } from "../usage-error.ts";

/** As the user typed it. */
export interface BackfillArgs {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly partition?: string | undefined;
  readonly schedule?: string | undefined;
  readonly order?: string | undefined;
  readonly reprocess?: string | undefined;
  readonly version?: string | undefined;
  readonly file?: string | undefined;
  readonly "max-active-runs"?: string | undefined;
}

export interface AskedFor extends PlannedBackfill {
  readonly workflow: string;
  /** The code as it is now; `null`: what was deployed. */
  readonly version: NewVersion | null;
  readonly asked: Pick<AskedBackfill, "from" | "to" | "partition">;
}

/** @throws UsageError; TuttiError as `planBackfill`, and what the files or the store say */
export async function askBackfill(
  name: string,
  args: BackfillArgs,
  config: AnyConfig,
  { cwd, out }: CommandContext,
): Promise<AskedFor> {
  if ((args.from === undefined) !== (args.to === undefined))
    throw new UsageError(`--from and --to go together: --from 2025-08-01 --to 2025-08-12.`);
  if (args.from === undefined && args.partition === undefined)
    throw new UsageError(
      `Say which windows: --from 2025-08-01 --to 2025-08-12; or which partitions: --partition 2025-08-01..2025-08-12.`,
    );
  if (args.from !== undefined && args.partition !== undefined)
    throw new UsageError(`Give either --from and --to, or --partition.`);
  const asked = {
    from: args.from,
    to: args.to,
    partition: args.partition,
    schedule: args.schedule,
    order: oneOf("order", args.order, BACKFILL_ORDERS),
    reprocess: oneOf("reprocess", args.reprocess, REPROCESS),
    version: oneOf("version", args.version, BACKFILL_VERSIONS),
    maxActiveRuns: count(args["max-active-runs"]),
  };
  const { workflow, manifest, version } = await codeOf(name, args.file, config, cwd);
  const planned = planBackfill(manifest, asked, systemClock.now());
  if (args.schedule === undefined && planned.plan.partitions === undefined && manifest.schedules.length > 1)
    out.note(
      `"${workflow}" has ${manifest.schedules.length} schedules; these are windows of the first, "${planned.plan.schedule.name}". Of another: --schedule NAME`,
    );
  return { ...planned, workflow, version, asked: { from: args.from, to: args.to, partition: args.partition } };
}

/** On one machine that is the code as it is now; on many, what was deployed last. */
async function codeOf(name: string, file: string | undefined, config: AnyConfig, cwd: string) {
  if (isHere(config) && (config.store.kind === "sqlite" || file !== undefined)) {
    const { version } = await findTarget(name, config, file, cwd);
    return { workflow: version.manifest.name, manifest: version.manifest, version };
  }
  const { workflow, manifest } = await latestVersion(config, name);
  return { workflow, manifest, version: null };
}

function oneOf<T extends string>(option: string, given: string | undefined, known: readonly T[]): T | undefined {
  if (given === undefined || (known as readonly string[]).includes(given)) return given as T | undefined;
  throw new UsageError(
    `"--${option} ${given}" is not known.${didYouMean(given, known)} There are: ${known.join(", ")}.`,
  );
}

function count(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= MOST_RUNS) return number;
  throw new UsageError(`"--max-active-runs ${text}" must be a whole number from 1 to ${MOST_RUNS}.`);
}

const MOST_RUNS = 10_000;
