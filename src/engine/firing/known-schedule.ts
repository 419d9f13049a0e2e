import type { Instant } from "../../core/clock.ts";
import type { ScheduleManifest } from "../../core/schedule.ts";
import { type DecidedWindow, decideOwed, type Owed } from "../../core/schedule-owed.ts";
import type { ScheduleDecision, ScheduleRecord } from "../../store/schedules.ts";
import type { VersionRecord } from "../../store/store.ts";
import { limitsOf, type WindowLimits, withOverlap } from "./window-limits.ts";

/** Runs of one schedule that are recorded at once: of a long catchup, others get their turn in between. */
export const MAX_RUNS_AT_ONCE = 100;
/** Runs of a workflow that wait for their turn; what is due beyond them is decided when some have begun. */
export const MAX_HELD = 100;
/** Another scheduler was first the last time: it goes first again, and this one comes only if that one does not. */
const AFTER_RIVAL_US = 250_000;

/** A schedule as this process knows it, and when it has to look at it next. */
export class KnownSchedule {
  record: ScheduleRecord;
  readonly version: VersionRecord;
  readonly schedule: ScheduleManifest;
  readonly limits: WindowLimits;
  /** Another scheduler decided last. */
  hasRival = false;
  /** Nothing is tried before: something that it needs could not be had. */
  notBefore: Instant = 0;
  #dueAt: Instant | null = null;
  /** When it is due after what was decided last; `undefined`: that follows from more than its rule. */
  #dueNext: Instant | null | undefined = undefined;

  constructor(record: ScheduleRecord, version: VersionRecord, schedule: ScheduleManifest) {
    this.record = record;
    this.version = version;
    this.schedule = schedule;
    this.limits = limitsOf(version);
  }

  /** When there is something to decide; `null`: not before something else happens. */
  get dueAt(): Instant | null {
    if (this.#dueAt === null) return null;
    return Math.max(this.notBefore, this.#dueAt + (this.hasRival ? AFTER_RIVAL_US : 0));
  }

  /** What it owes depends on runs, which end meanwhile. */
  get dependsOnRuns(): boolean {
    return this.limits.holds || (this.schedule.kind === "preset" && this.schedule.preset === "@continuous");
  }

  /** After anything it depends on has changed. */
  plan(now: Instant, upSince: Instant): void {
    const { decided, next } = this.#owed(now, upSince);
    this.#dueAt = this.record.held >= MAX_HELD ? null : (decided[0]?.fireAt ?? next?.fireAt ?? null);
  }

  /**
   * What it owes now, as much as is recorded at once, and what becomes of each window where runs overlap. `more`: runs of its workflow that
   * are being made beside these.
   */
  decide(now: Instant, upSince: Instant, more: number): readonly DecidedWindow[] {
    const { decided, next } = this.#owed(now, upSince);
    let runs = 0;
    const end = decided.findIndex(({ state }) => state === "run" && ++runs > MAX_RUNS_AT_ONCE);
    this.#dueNext = end === -1 && !this.dependsOnRuns ? (next?.fireAt ?? null) : undefined;
    return withOverlap(end === -1 ? decided : decided.slice(0, end), this.limits, this.record.active + more);
  }

  /** What was decided is recorded: it stands there now. `false`: it has to be planned anew. */
  advance({ cursor }: Pick<ScheduleDecision, "cursor">, runs: number): boolean {
    const { revision, unfinished, active, held } = this.record;
    this.record = {
      ...this.record,
      cursor,
      revision: revision + 1,
      unfinished: unfinished + runs,
      active: active + runs,
      held: held + (this.limits.holds ? runs : 0),
    };
    this.hasRival = false;
    if (this.#dueNext === undefined) return false;
    this.#dueAt = this.#dueNext;
    return true;
  }

  #owed(now: Instant, upSince: Instant): Owed {
    const { workflow, cursor, enabledSince, unfinished } = this.record;
    const { start, end, catchup } = this.version.manifest;
    return decideOwed({
      workflow,
      schedule: this.schedule,
      start,
      end,
      catchup: catchup === true,
      cursor,
      now,
      enabledSince,
      upSince,
      unfinished,
    });
  }
}
