import { type BackfillWindow, backfillWindows, coveredBy } from "../../core/backfill.ts";
import type { Instant } from "../../core/clock.ts";
import { type LocalWindow, localWindow, partitionWindow } from "../../core/schedule-cursor.ts";
import { TimeZone } from "../../core/time-zone.ts";
import type { BackfillRecord, CandidateWindow } from "../../store/backfills.ts";
import type { VersionRecord } from "../../store/store.ts";
import { newRun } from "../new-run.ts";
import type { AcceptedParams } from "../parse-params.ts";

/** What runs of a backfill begin with. */
export interface BackfillCode {
  readonly version: VersionRecord;
  readonly input: unknown;
  readonly parsed: AcceptedParams;
}

/** A backfill as this process last saw it, with the windows that come next: they are made one by one, and never all at once. */
export class KnownBackfill {
  record: BackfillRecord;
  /** What it has at work may be unknown here: it is looked for. */
  unsure = true;
  /** Nothing is tried before: another scheduler was first, or something that it needs could not be had. */
  notBefore: Instant = 0;
  /** How many windows are looked at in the next step, if there is less room than that. */
  stride = 1;
  /** When each run was told to stop. */
  readonly cancelled = new Map<string, Instant>();
  code: BackfillCode | null = null;
  codeUntil: Instant = 0;
  #windows: Iterator<BackfillWindow> | null = null;
  /** Made, and not reached yet. */
  #coming: BackfillWindow[] = [];
  #exhausted = false;

  constructor(record: BackfillRecord) {
    this.record = record;
  }

  /** As the store has it now. Where it has moved without this process, its windows go on from there. */
  follow(record: BackfillRecord): void {
    const moved = record.progress.todo !== this.record.progress.todo;
    this.record = record;
    if (moved) this.#rewind();
  }

  /** The next ones; behind them there are none when `exhausted` says so. */
  next(count: number): readonly BackfillWindow[] {
    const { plan, reached: end, total, progress } = this.record;
    this.#windows ??= backfillWindows(plan, end === null ? undefined : { end, count: total - progress.todo });
    // One more: whether there is any behind the last.
    while (!this.#exhausted && this.#coming.length <= count) {
      const { done, value } = this.#windows.next() as IteratorResult<BackfillWindow, undefined>;
      if (value !== undefined) this.#coming.push(value);
      this.#exhausted = done === true;
    }
    return this.#coming.slice(0, count);
  }

  exhaustedAfter(count: number): boolean {
    return this.#exhausted && this.#coming.length <= count;
  }

  /** So many of them were reached, by a step of this process. */
  took(count: number, after: BackfillRecord): void {
    this.#coming.splice(0, count);
    this.record = after;
  }

  /** With the run that each gets if it has none. */
  candidates(
    windows: readonly BackfillWindow[],
    { version, input, parsed }: BackfillCode,
    { now, newId }: { readonly now: Instant; readonly newId: () => string },
  ): CandidateWindow[] {
    return windows.map((window) => ({
      window,
      local: localOf(window),
      run: newRun(
        { id: newId(), versionId: version.id, input, parsed, window: coveredBy(window, now), trigger: "backfill" },
        now,
      ),
    }));
  }

  #rewind(): void {
    this.#windows = null;
    this.#coming = [];
    this.#exhausted = false;
  }
}

/** What it is recorded under. */
export const localOf = (window: BackfillWindow): LocalWindow =>
  window.partition === undefined
    ? localWindow({ start: window.start / 1000, end: window.end / 1000 }, TimeZone.of(window.timezone))
    : partitionWindow(window.partition.key);
