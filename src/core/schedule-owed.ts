import type { Instant } from "./clock.ts";
import { type ScheduleManifest, timezoneOf } from "./schedule.ts";
import { localWindow, type ScheduleCursor, spanOf, type WindowState } from "./schedule-cursor.ts";
import { jitterKey, jitterOf } from "./schedule-fire.ts";
import { edgesOfSchedule, type PlacedSchedule, Timeline } from "./schedule-timeline.ts";
import type { Span } from "./schedule-windows.ts";
import { TimeZone } from "./time-zone.ts";
import { type Window, windowFrom } from "./window.ts";

/** How many runs are decided at once, and how many windows that nobody runs are told one by one. */
export const MAX_DECISIONS = 1000;

/** Of the windows that an edited rule finds behind itself, the latest that are run without `catchup`: a finer rule is no storm. */
export const MAX_AFTER_EDIT = 100;

/** All that what is owed depends on. */
export interface ScheduleFacts {
  /** Name of the workflow. */
  readonly workflow: string;
  readonly schedule: ScheduleManifest;
  /** As in the manifest. */
  readonly start: string | null;
  readonly end: string | null;
  readonly catchup: boolean;
  /** `null`: nothing was decided yet. */
  readonly cursor: ScheduleCursor | null;
  readonly now: Instant;
  /** Since when it has been enabled: first registered, or unpaused. `null`: it is paused. */
  readonly enabledSince: Instant | null;
  /** Since when a scheduler has been up without a break. */
  readonly upSince: Instant;
  /** How many runs of this schedule have not ended: `@continuous` waits for them. */
  readonly unfinished: number;
}

export interface DecidedWindow {
  readonly window: Window;
  readonly fireAt: Instant;
  readonly state: WindowState;
  /** Where the cursor stands once this is recorded. */
  readonly cursor: ScheduleCursor;
}

export interface Owed {
  /** In order. Recorded together with the last one's cursor, in one transaction. */
  readonly decided: readonly DecidedWindow[];
  /** The window that comes next, and when; it may be due already, when this is all that is decided at once. `null`: none, until something changes. */
  readonly next: { readonly window: Window; readonly fireAt: Instant } | null;
}

/**
 * What a schedule owes now. A window is due when it fires. One that was due before the workflow was enabled is run with `catchup`,
 * else passed over; one that was due while no scheduler was up is run with `catchup`, else only the latest of them is and the others
 * are missed; any other is run, up to the latest hundred after an edit.
 *
 * @throws TuttiError as `checkSchedule`
 */
export function decideOwed(facts: ScheduleFacts, limit = MAX_DECISIONS): Owed {
  if (facts.enabledSince === null) return { decided: [], next: null };
  const placed = placedOf(facts);
  const timeline = Timeline.of(placed);
  return timeline === null
    ? decideMoment(facts, placed, facts.enabledSince)
    : decideWindows(facts, timeline, Math.floor(facts.enabledSince / 1000), limit);
}

/** What tells a rule from another one; name, params and days left out are no part of it. */
export function ruleText(schedule: ScheduleManifest): string {
  const known = RULES.get(schedule);
  if (known !== undefined) return known;
  const { name: _, params: _params, skip: _skip, jitterMs: _jitter, ...rule } = schedule;
  const text = JSON.stringify(rule);
  RULES.set(schedule, text);
  return text;
}

const RULES = new WeakMap<ScheduleManifest, string>();

const placedOf = ({ workflow, schedule, start, end }: ScheduleFacts): PlacedSchedule => ({
  schedule,
  start,
  end,
  lateMs: jitterOf(schedule, jitterKey(workflow, schedule)),
});

function decideWindows(facts: ScheduleFacts, timeline: Timeline, enabledAt: number, limit: number): Owed {
  const { catchup, cursor } = facts;
  const nowMs = Math.floor(facts.now / 1000);
  // A clock that went back makes nothing due that is not.
  const enabledMs = Math.min(enabledAt, nowMs);
  const upMs = Math.min(Math.max(enabledAt, Math.floor(facts.upSince / 1000)), nowMs);
  const states: [Span, WindowState][] = [];
  let position = cursor === null ? null : spanOf(cursor).end;
  const take = (spans: readonly Span[], state: WindowState): void => {
    for (const span of spans) states.push([span, state]);
    position = spans.at(-1)?.end ?? position;
  };

  // What ends after the cursor fires after it too: of what is past nothing is left to look at.
  if (!catchup && (position === null || position < upMs)) {
    // Before it was first enabled nothing was there to pass over.
    if (position !== null) take(timeline.lastFiringBefore(enabledMs, position, limit), "passed_over");
    const after = position ?? (timeline.firingFrom(enabledMs)?.end ?? Infinity) - 1;
    if (after < Infinity) {
      // One that is due at the very moment that a scheduler came is the latest.
      const down = timeline.lastFiringBefore(upMs + 1, after, limit);
      take(down.slice(0, -1), "missed");
      take(down.slice(-1), "run");
    }
  }
  if (!catchup && cursor !== null && cursor.rule !== ruleText(facts.schedule)) {
    const behind = timeline.lastFiringBefore(nowMs + 1, position ?? nowMs, limit + MAX_AFTER_EDIT);
    take(behind.slice(0, -MAX_AFTER_EDIT), "missed");
  }
  let span = first(timeline, position, catchup, enabledMs);
  const most = states.length + limit;
  for (; span !== null && timeline.fireAt(span) <= nowMs && states.length < most; span = timeline.next(span.end))
    take([span], "run");
  return {
    decided: states.map(([each, state]) => decided(facts, each, timeline.fireAt(each), state)),
    next: span === null ? null : { window: windowOf(facts, span), fireAt: timeline.fireAt(span) * 1000 },
  };
}

function first(timeline: Timeline, position: number | null, catchup: boolean, enabledMs: number): Span | null {
  if (position !== null) return timeline.next(position);
  return catchup && timeline.startMs !== -Infinity
    ? timeline.next(timeline.startMs - 1)
    : timeline.firingFrom(enabledMs);
}

/** `@once` and `@continuous`: they start when they are enabled, and go on from where they have come. */
function decideMoment(facts: ScheduleFacts, placed: PlacedSchedule, enabledSince: Instant): Owed {
  const { cursor, schedule } = facts;
  const [nowMs, enabledMs] = [Math.floor(facts.now / 1000), Math.floor(enabledSince / 1000)];
  const { startMs, endMs } = edgesOfSchedule(placed);
  const begin = startMs === -Infinity ? enabledMs : startMs;
  const nothing: Owed = { decided: [], next: null };
  const ended = cursor === null ? null : spanOf(cursor).end;
  const once = schedule.kind === "preset" && schedule.preset === "@once";
  if (once ? cursor?.rule === ruleText(schedule) : facts.unfinished > 0) return nothing;

  const from = once ? begin : (ended ?? begin);
  // Of two windows that begin and end with the same millisecond, one would be the other.
  const at = Math.max(begin, enabledMs, once ? begin : Math.max(nowMs, (ended ?? -Infinity) + 1));
  const span = { start: from, end: once ? from : Math.max(from, at) };
  if (span.end > endMs) return nothing;
  return at <= nowMs
    ? { decided: [decided(facts, span, at, "run")], next: null }
    : { decided: [], next: { window: windowOf(facts, span), fireAt: at * 1000 } };
}

const windowOf = ({ schedule }: ScheduleFacts, span: Span): Window =>
  windowFrom(span, TimeZone.of(timezoneOf(schedule)));

function decided(facts: ScheduleFacts, span: Span, fireMs: number, state: WindowState): DecidedWindow {
  const { schedule } = facts;
  const zone = TimeZone.of(timezoneOf(schedule));
  const cursor = { schedule: schedule.name, rule: ruleText(schedule), ...localWindow(span, zone) };
  return { window: windowFrom(span, zone), fireAt: fireMs * 1000, state, cursor };
}
