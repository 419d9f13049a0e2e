import type { AssetManifest } from "../core/asset-manifest.ts";
import type { AlertPlan } from "../core/alert-plan.ts";
import type { Duration } from "../core/duration.ts";
import { parseDuration } from "../core/duration.ts";
import type { FreshnessManifest } from "../core/freshness.ts";
import { TimeZone } from "../core/time-zone.ts";
import type { AlertFunction, Alerted, Notifier } from "./alert.ts";
import { type AlertReceivers, alerted, nameOf } from "./alert-options.ts";
import { Partitions } from "./partition.ts";
import { badOption, knownOptions, strings, text, within } from "./known-options.ts";

/** How old an asset may be, and what is known of it. */
export interface AssetOptions {
  /** One or more sentences for people. Default: none. */
  readonly description?: string;
  /** Who answers for it: a team or a person. Default: nobody. */
  readonly owner?: string;
  /** Words to find it by. Default: none. */
  readonly tags?: readonly string[];
  /**
   * The parts that are made and remade one by one: a run makes one of them (`ctx.partition`), and `tutti backfill --partition` names them. Default: those of
   * the windows of its schedule.
   */
  readonly partitions?: Partitions;
  /** How old it may be: `{ within: "26h" }`, or `{ by: "02:00", timezone: "Europe/London" }`. Default: as old as it gets. */
  readonly freshness?: Freshness;
  /** Told once when it is older than `freshness` allows; an update, and it may be told again. It needs `freshness`. Default: nobody. */
  readonly onStale?: Alerted;
  /** Told when a check of it warns, or fails without failing the task. Default: nobody. */
  readonly onCheck?: Alerted;
}

/** Either the longest time since its last update, or a time of the day by which it is to have been updated. */
export type Freshness =
  | {
      /** No older than this. `"26h"` or milliseconds. */
      readonly within: Duration;
    }
  | {
      /** The local time of each day, `"02:00"`. */
      readonly by: string;
      /** An IANA zone. Default: `"UTC"`. */
      readonly timezone?: string;
      /** How long before that time an update counts. Default: `"24h"`. */
      readonly within?: Duration;
    };

export const ASSET_OPTIONS = ["description", "owner", "tags", "partitions", "freshness", "onStale", "onCheck"] as const;

/** As the manifest holds it, with the receivers that it can't hold. */
export interface AssetDetails {
  readonly about: Omit<AssetManifest, "name" | "alerts">;
  readonly stale: readonly (Notifier | AlertFunction)[];
  readonly check: readonly (Notifier | AlertFunction)[];
}

/** `null`: nothing is said. @throws TuttiError `UNKNOWN_OPTION`, `BAD_OPTION`, `BAD_DURATION`, `BAD_TIMEZONE` */
export function readAssetOptions(given: AssetOptions | undefined, what: string): AssetDetails | null {
  const options = knownOptions(given, ASSET_OPTIONS, what);
  if (Object.keys(options).length === 0) return null;
  const description = text(options.description, what, "description");
  const owner = text(options.owner, what, "owner");
  const tags = strings(options.tags, what, "tags");
  if (options.onStale !== undefined && options.freshness === undefined)
    throw badOption(what, "onStale", options.onStale, `given together with "freshness", which says when it is late`);
  const { partitions } = options;
  if (partitions !== undefined && !(partitions instanceof Partitions))
    throw badOption(
      what,
      "partitions",
      partitions,
      `what partitions.daily(…), partitions.static(…) or partitions.multi(…) gives`,
    );
  return {
    about: {
      ...(description !== null && { description }),
      ...(owner !== null && { owner }),
      ...(tags !== null && { tags }),
      ...(partitions !== undefined && { partitions: partitions.manifest }),
      ...(options.freshness !== undefined && { freshness: readFreshness(options.freshness, what) }),
    },
    stale: options.onStale === undefined ? [] : alerted(options.onStale, what, "onStale"),
    check: options.onCheck === undefined ? [] : alerted(options.onCheck, what, "onCheck"),
  };
}

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const DAY_MS = 86_400_000;
const MOST_MS = 366 * DAY_MS;

function readFreshness(given: Freshness, what: string): FreshnessManifest {
  const fields = knownOptions(
    given as { within?: Duration; by?: string; timezone?: string },
    ["within", "by", "timezone"],
    what,
    "freshness",
  );
  const { by, timezone } = fields;
  const withinMs =
    fields.within === undefined
      ? DAY_MS
      : within(`${what}: option "freshness.within"`, () => parseDuration(fields.within!));
  if (withinMs < 1_000 || withinMs > MOST_MS)
    throw badOption(what, "freshness.within", fields.within, "at least a second, and at most 366 days");
  if (by === undefined) {
    if (fields.within === undefined)
      throw badOption(what, "freshness", given, `{ within: "26h" } or { by: "02:00", timezone: "Europe/London" }`);
    if (timezone !== undefined)
      throw badOption(
        what,
        "freshness.timezone",
        timezone,
        `left out without "by": a length of time is the same in every zone`,
      );
    return { kind: "age", withinMs };
  }
  if (typeof by !== "string" || !TIME.test(by))
    throw badOption(what, "freshness.by", by, 'a time of the day from "00:00" to "23:59"');
  const zone = timezone ?? "UTC";
  within(`${what}: option "freshness.timezone"`, () => TimeZone.of(zone));
  return { kind: "by", at: by, timezone: zone, withinMs };
}

/** What the assets of a task bring to its manifest. */
export interface ReadAssets {
  readonly manifest: { readonly assets?: readonly AssetManifest[] };
  readonly alerts: AlertPlan;
  readonly receivers: AlertReceivers;
}

/** Puts the receivers of several assets in one list each, and remembers which are whose. */
export function gatherAssets(
  all: readonly { readonly name: string; readonly details: AssetDetails | null }[],
): ReadAssets {
  const stale: (Notifier | AlertFunction)[] = [];
  const check: (Notifier | AlertFunction)[] = [];
  const assets: AssetManifest[] = [];
  const said = all.flatMap(({ name, details }) => (details === null ? [] : [[name, details] as const]));
  for (const [name, details] of new Map(said)) {
    const alerts = {
      ...(details.stale.length > 0 && { stale: details.stale.map((receiver) => stale.push(receiver) - 1) }),
      ...(details.check.length > 0 && { check: details.check.map((receiver) => check.push(receiver) - 1) }),
    };
    assets.push({ name, ...details.about, ...(Object.keys(alerts).length > 0 && { alerts }) });
  }
  return {
    manifest: assets.length === 0 ? {} : { assets },
    alerts: {
      ...(stale.length > 0 && { stale: stale.map(nameOf) }),
      ...(check.length > 0 && { check: check.map(nameOf) }),
    },
    receivers: { ...(stale.length > 0 && { stale }), ...(check.length > 0 && { check }) },
  };
}
