import type { Duration } from "../core/duration.ts";
import { checkSchedule, type ScheduleManifest, type ScheduleRuleManifest } from "../core/schedule.ts";
import type { SkipManifest } from "../core/schedule-skip.ts";
import { encodeValue } from "../core/value-codec.ts";
import { badOption, durationOption, knownOptions, within } from "./known-options.ts";
import { checkName } from "./names.ts";

/** What the schedules have in common. */
export interface NamedSchedule {
  /** Names it, so that its history survives reordering. Default: `schedule`, `schedule_2` … by place. */
  readonly name?: string;
  /** What its runs are started with, as a user would pass it. Default: nothing, so the schema's own defaults. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** It fires up to this much later, always by the same amount, another one for each workflow and schedule: to spread load. Its windows stay. Default: 0. */
  readonly jitter?: Duration;
}

/** Of a schedule that follows a wall clock. */
export interface ScheduleOptions extends NamedSchedule {
  /** IANA name of the zone that its local times are in. Default: `"UTC"`. */
  readonly timezone?: string;
}

const NAMED = ["name", "params", "jitter"] as const satisfies readonly (keyof NamedSchedule)[];

/** A schedule made by `daily`, `cron` and the like. */
export class ScheduleRule {
  readonly #rule: Omit<ScheduleManifest, "name"> & ScheduleRuleManifest;
  readonly #name: string | null;

  constructor(rule: Omit<ScheduleManifest, "name"> & ScheduleRuleManifest, name: string | undefined) {
    this.#rule = rule;
    this.#name = name === undefined ? null : checkName(name, "a schedule");
  }

  /** `byPlace`: its name unless it was given one. */
  manifest(byPlace: string): ScheduleManifest {
    return { name: this.#name ?? byPlace, ...this.#rule };
  }
}

/**
 * A schedule from the options of `what` and from what they say about time.
 *
 * @throws TuttiError What `checkSchedule` throws, from where the user wrote it; `UNKNOWN_OPTION`, `BAD_OPTION`
 */
export function makeSchedule<Options extends NamedSchedule>(
  what: string,
  given: Options | undefined,
  own: readonly (keyof Options & string)[],
  read: (options: Options) => ScheduleRuleManifest & { readonly skip?: SkipManifest },
): ScheduleRule {
  const options = knownOptions(given, [...own, ...NAMED], what);
  const { name, params } = options;
  const jitterMs = durationOption(options.jitter, what, "jitter");
  if (params !== undefined && (typeof params !== "object" || params === null || Array.isArray(params)))
    throw badOption(what, "params", params, "an object, by the names of the workflow's params");
  const rule = {
    ...read(options),
    ...(params === undefined ? {} : { params: within(what, () => encodeValue(params, { at: "params" })) }),
    ...(jitterMs === null || jitterMs === 0 ? {} : { jitterMs }),
  };
  const schedule = new ScheduleRule(rule, name);
  within(what, () => checkSchedule(schedule.manifest("schedule")));
  return schedule;
}
