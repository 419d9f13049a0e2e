import type { Context } from "../../authoring/context.ts";
import { TuttiError } from "../../core/errors.ts";

/** What a process is told beside what the run says by itself. */
export interface PipesOptions {
  /** What it reads as `context.extras`: plain JSON. Default: `{}`. */
  readonly extras?: Readonly<Record<string, unknown>>;
  /** The assets that it is asked for, as `context.asset_keys`. Default: none. */
  readonly assets?: readonly string[];
  /** `context.partition_key`. Default: of a window of a day or more its date, `2025-08-12`; of a shorter one its start in UTC, `2025-08-12-06:00`; else none. */
  readonly partition?: string;
}

const DAY_MS = 86_400_000;
/** A day is shorter where clocks go forward. */
const SHORTEST_DAY_MS = DAY_MS - 2 * 3_600_000;

/** The context as the protocol has it. Keys that say nothing are there as null: Python's client looks for each of them. */
export function pipesContext(ctx: Context, { extras = {}, assets, partition }: PipesOptions): Record<string, unknown> {
  const { start, end } = ctx.interval;
  const key = partition ?? partitionOf(ctx);
  return {
    asset_keys: assets === undefined || assets.length === 0 ? null : assets,
    code_version_by_asset_key: eachAsset(assets),
    provenance_by_asset_key: eachAsset(assets),
    partition_key: key,
    partition_key_range: key === null ? null : { start: key, end: key },
    partition_time_window: end > start ? { start: isoOffset(start), end: isoOffset(end) } : null,
    run_id: ctx.runInfo.id,
    job_name: ctx.workflow.name,
    retry_number: ctx.attempt - 1,
    extras: plainJson(extras),
  };
}

const eachAsset = (assets: readonly string[] | undefined): Record<string, null> | null =>
  assets === undefined || assets.length === 0 ? null : Object.fromEntries(assets.map((asset) => [asset, null]));

function partitionOf(ctx: Context): string | null {
  const width = ctx.interval.end.getTime() - ctx.interval.start.getTime();
  if (width <= 0) return null;
  return width >= SHORTEST_DAY_MS ? ctx.date : ctx.interval.start.toISOString().slice(0, 16).replace("T", "-");
}

/** Python before 3.11 reads no `Z`. */
const isoOffset = (at: Date): string => at.toISOString().replace(/\.\d+Z$/, "+00:00");

function plainJson(extras: Readonly<Record<string, unknown>>): unknown {
  try {
    return JSON.parse(JSON.stringify(extras));
  } catch (error) {
    throw new TuttiError(
      "BAD_COMMAND",
      `The extras for the process are no plain JSON: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}
