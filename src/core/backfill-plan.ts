import {
  BACKFILL_ORDERS,
  BACKFILL_VERSIONS,
  type BackfillOrder,
  type BackfillPlan,
  type BackfillRange,
  type BackfillVersion,
  checkBackfill,
  DEFAULT_MAX_ACTIVE_RUNS,
  REPROCESS,
  type Reprocess,
} from "./backfill.ts";
import { partitionStretches } from "./backfill-partition.ts";
import type { Instant } from "./clock.ts";
import { TuttiError } from "./errors.ts";
import type { WorkflowManifest } from "./manifest.ts";
import { KEY_SEPARATOR } from "./partition.ts";
import { selectPartitions } from "./partition-selection.ts";
import type { ScheduleManifest } from "./schedule.ts";
import { ownPartitions, PARTITION_SCHEDULE, partitionsOf } from "./workflow-partitions.ts";

/** A backfill as somebody asks for it. */
export interface AskedBackfill {
  /** Window dates, both included. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Instead of dates: a key, several with commas between, or a range `FIRST..LAST`; of what the workflow makes, if that has partitions of its own. */
  readonly partition?: string | undefined;
  /** Name of the schedule whose windows they are. Default: the first. */
  readonly schedule?: string | undefined;
  /** Default: "oldest". */
  readonly order?: BackfillOrder | undefined;
  /** Default: "none". */
  readonly reprocess?: Reprocess | undefined;
  /** Default: "latest". */
  readonly version?: BackfillVersion | undefined;
  /** Default: 10. */
  readonly maxActiveRuns?: number | undefined;
}

export interface PlannedBackfill {
  readonly plan: BackfillPlan;
  readonly maxActiveRuns: number;
  /** How many windows there are. */
  readonly total: number;
}

/**
 * What is asked for, if it can be done. `now`: partitions that exist then are all there are.
 *
 * @throws TuttiError `BACKFILL_EMPTY`, `TOO_MANY_WINDOWS`, `BACKFILL_NEWEST_FIRST`, `BAD_BACKFILL`, `BAD_DATE`, `SCHEDULE_NOT_FOUND`,
 * `PARTITION_UNKNOWN`, `PARTITION_OUT_OF_RANGE`, `PARTITIONS_DIFFER`
 */
export function planBackfill(manifest: WorkflowManifest, asked: AskedBackfill, now: Instant): PlannedBackfill {
  const order = oneOf("order", asked.order ?? "oldest", BACKFILL_ORDERS);
  const { maxActiveRuns = DEFAULT_MAX_ACTIVE_RUNS } = asked;
  if (!Number.isSafeInteger(maxActiveRuns) || maxActiveRuns < 1)
    throw badBackfill(`maxActiveRuns is ${maxActiveRuns}; it must be a whole number from 1.`);
  const plan: BackfillPlan = {
    ...rangeOf(manifest, asked, now),
    order,
    reprocess: oneOf("reprocess", asked.reprocess ?? "none", REPROCESS),
    version: oneOf("version", asked.version ?? "latest", BACKFILL_VERSIONS),
  };
  const dependsOnPast = manifest.tasks.some((task) => task.dependsOnPast === true);
  if (dependsOnPast && plan.partitions !== undefined)
    throw badBackfill(
      `A task depends on its past, and no partition comes before another. Backfill windows of a schedule.`,
    );
  return { plan, maxActiveRuns, total: checkBackfill(plan, dependsOnPast) };
}

type Range = Pick<BackfillRange, "schedule" | "from" | "to" | "within" | "partitions">;

function rangeOf(
  manifest: WorkflowManifest,
  { from, to, partition, schedule: named }: AskedBackfill,
  now: Instant,
): Range {
  if (partition !== undefined && (from !== undefined || to !== undefined))
    throw badBackfill(`Give either dates, or partitions.`);
  const made = partition === undefined || named !== undefined ? null : ownPartitions(manifest);
  if (partition !== undefined && made !== null) {
    const selection = selectPartitions(made.partitions, partition, now / 1000);
    const [first, last] = [selection.boxes[0]!, selection.boxes.at(-1)!];
    const words = { from: first.map((range) => range.first), to: last.map((range) => range.last) };
    const [begin, end] = [words.from.join(KEY_SEPARATOR), words.to.join(KEY_SEPARATOR)];
    return { schedule: PARTITION_SCHEDULE, from: begin, to: end, partitions: selection };
  }
  const schedule = scheduleOf(manifest, named);
  if (partition !== undefined) return { schedule, ...partitionStretches(schedule, partition) };
  if (from === undefined || to === undefined)
    throw badBackfill(`A backfill needs its first and its last date, or its partitions.`);
  return { schedule, from, to };
}

function scheduleOf(manifest: WorkflowManifest, wanted: string | undefined): ScheduleManifest {
  const { name, schedules } = manifest;
  const found = wanted === undefined ? schedules[0] : schedules.find((schedule) => schedule.name === wanted);
  if (found !== undefined) return found;
  if (wanted === undefined)
    throw new TuttiError(
      "BACKFILL_EMPTY",
      partitionsOf(manifest).length > 0
        ? `Workflow "${name}" has no schedule, and so no windows. It makes partitions: tutti backfill ${name} --partition KEYS`
        : `Workflow "${name}" has no schedule, and so no windows. To run it once for each of some dates: tutti run ${name} --from … --to …`,
    );
  const known = schedules.map((schedule) => `"${schedule.name}"`).join(", ");
  throw new TuttiError(
    "SCHEDULE_NOT_FOUND",
    `Workflow "${name}" has no schedule "${wanted}". ${known === "" ? "It has none." : `There are: ${known}.`}`,
  );
}

function oneOf<T extends string>(what: string, given: T, known: readonly T[]): T {
  if (known.includes(given)) return given;
  throw badBackfill(`"${given}" is no ${what} of a backfill. There are: ${known.join(", ")}.`);
}

const badBackfill = (message: string): TuttiError => new TuttiError("BAD_BACKFILL", message);
