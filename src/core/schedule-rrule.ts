import { TuttiError } from "./errors.ts";
import { parseDate } from "./local-date.ts";
import { wrongPart } from "./schedule-rrule-parts.ts";
import { type LocalTime, TimeZone } from "./time-zone.ts";
import type { WindowEdges } from "./window-edges.ts";

/** What is used of the library that knows RFC 5545, `rrule-temporal`: an optional peer, so that only who writes rrule(…) has it. */
export interface RRuleLibrary {
  readonly RRuleTemporal: new (options: { readonly rruleString: string; readonly strict: boolean }) => Recurrence;
}
interface Recurrence {
  next(after: Date, inclusive: boolean): { readonly epochMilliseconds: number } | null;
  previous(before: Date, inclusive: boolean): { readonly epochMilliseconds: number } | null;
}

let load: (() => RRuleLibrary) | null = null;

/** Says how the library is loaded when the first rule is read: `core/` loads nothing by itself. */
export function provideRRules(loadLibrary: () => RRuleLibrary): void {
  load = loadLibrary;
}

const DAY_MS = 86_400_000;
/** Where a rule without a DTSTART counts from. */
const DEFAULT_START = Date.UTC(1970, 0, 1);

/**
 * An RFC 5545 recurrence (lines DTSTART, RRULE, RDATE, EXDATE; or only a rule) on the wall clock of a zone. A time that comes twice is
 * the first, as the RFC says; one in a spring gap moves to its end, as every tick of ours does.
 */
export class RRuleTicks implements WindowEdges {
  readonly #zone: TimeZone;
  readonly #rules: readonly Recurrence[];
  readonly #dates: readonly LocalTime[];
  readonly #except: ReadonlySet<LocalTime>;
  /** The tick that was found last, and the one before it: a window asks for its end, then for its start, and looking back is dear. */
  #found: LocalTime | null = null;
  #gap: { readonly from: LocalTime; readonly to: LocalTime } | null = null;

  /** @throws TuttiError `BAD_RRULE`, `BAD_TIMEZONE`, `DRIVER_MISSING` */
  constructor(rule: string, timezone: string) {
    this.#zone = TimeZone.of(timezone);
    const lines = readLines(rule);
    const start = lines.start === null ? DEFAULT_START : readTime(rule, lines.start, this.#zone);
    if (lines.start === null && lines.rules.some((each) => /COUNT=/i.test(each)))
      throw badRRule(rule, "COUNT needs a DTSTART to count from");
    this.#rules = lines.rules.map((each) => this.#recurrence(rule, each, start));
    this.#dates = lines.dates.map((each) => readTime(rule, each, this.#zone)).sort((a, b) => a - b);
    this.#except = new Set(lines.except.map((each) => readTime(rule, each, this.#zone)));
    if (!this.#everTicks(start)) throw badRRule(rule, "no date ever matches it, so it never fires");
  }

  next(ms: number): number | null {
    let local = this.#after(this.#zone.localOf(ms));
    // In the second of two equal hours, what the clocks show next has been.
    while (local !== null && this.#zone.firstInstantOf(local) <= ms) local = this.#after(local);
    return local === null ? null : this.#zone.firstInstantOf(local);
  }

  last(ms: number): number | null {
    const local = this.#atOrBefore(this.#passedBy(ms));
    return local === null ? null : this.#zone.firstInstantOf(local);
  }

  /** In the second of two equal hours all of their times are over. */
  #passedBy(ms: number): LocalTime {
    const local = this.#zone.localOf(ms);
    const [first, second] = this.#zone.instantsOf(local);
    if (second === undefined || ms !== second) return local;
    const fallBack = this.#zone.transitionsBetween(first!, second)[0]!;
    return fallBack.at + fallBack.before - 1;
  }

  #after(from: LocalTime): LocalTime | null {
    let next = from;
    do next = this.#earliestAfter(next);
    while (this.#except.has(next));
    if (next === Infinity) return null;
    this.#gap = from === this.#found ? { from, to: next } : null;
    this.#found = next;
    return next;
  }

  #atOrBefore(local: LocalTime): LocalTime | null {
    if (this.#gap !== null && local >= this.#gap.from && local < this.#gap.to) return this.#gap.from;
    let last = local + 1;
    do last = this.#latestBefore(last);
    while (this.#except.has(last));
    return last === -Infinity ? null : last;
  }

  #earliestAfter(local: LocalTime): LocalTime {
    const ticks = this.#rules.map((rule) => rule.next(new Date(local), false)?.epochMilliseconds ?? Infinity);
    return Math.min(...ticks, this.#dates.find((date) => date > local) ?? Infinity);
  }

  #latestBefore(local: LocalTime): LocalTime {
    const ticks = this.#rules.map((rule) => rule.previous(new Date(local), false)?.epochMilliseconds ?? -Infinity);
    return Math.max(...ticks, this.#dates.findLast((date) => date < local) ?? -Infinity);
  }

  /** The library gives up on a rule like the 30th of February by throwing. */
  #everTicks(start: LocalTime): boolean {
    try {
      return this.#after(Math.min(start, ...this.#dates) - 1) !== null;
    } catch {
      return false;
    }
  }

  #recurrence(whole: string, rule: string, start: LocalTime): Recurrence {
    if (load === null) throw new TypeError("No library for RRULE was provided.");
    const wrong = wrongPart(rule);
    if (wrong !== null) throw badRRule(whole, wrong);
    const { RRuleTemporal } = load();
    // The wall clock as if it were UTC: the clock changes are ours. So UNTIL, an instant, becomes wall time too.
    const local = rule.replace(/UNTIL=([^;]+)/i, (_, text: string) => {
      const endOfDay = text.includes("T") ? 0 : DAY_MS - 1000;
      return `UNTIL=${compact(readTime(whole, text, this.#zone) + endOfDay)}Z`;
    });
    try {
      return new RRuleTemporal({ rruleString: `DTSTART;TZID=UTC:${compact(start)}\nRRULE:${local}`, strict: true });
    } catch (error) {
      throw badRRule(whole, (error as Error).message, error);
    }
  }
}

interface Lines {
  readonly start: string | null;
  readonly rules: readonly string[];
  readonly dates: readonly string[];
  readonly except: readonly string[];
}

/** The zone that a DTSTART names; `null`: none. */
export const zoneOfRRule = (rule: string): string | null => /^DTSTART;(?:.*;)?TZID=([^:;]+)/im.exec(rule)?.[1] ?? null;

function readLines(rule: string): Lines {
  if (typeof rule !== "string") throw badRRule(rule, "it is not text");
  const found = { start: null as string | null, rules: [] as string[], dates: [] as string[], except: [] as string[] };
  for (const line of rule.split(/\r?\n/).map((each) => each.trim())) {
    const [, name = "RRULE", value = line] = /^(\w+)(?:;[^:]*)?:(.*)$/.exec(line) ?? [];
    if (line === "") continue;
    else if (/^RRULE$/i.test(name)) found.rules.push(value);
    else if (/^DTSTART$/i.test(name)) found.start = value;
    else if (/^RDATE$/i.test(name)) found.dates.push(...value.split(","));
    else if (/^EXDATE$/i.test(name)) found.except.push(...value.split(","));
    else throw badRRule(rule, `it has a line ${JSON.stringify(name)}`);
  }
  if (found.rules.length + found.dates.length === 0) throw badRRule(rule, "it has no rule");
  return found;
}

const TIME = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/;

/** Wall time of `20250812`, `20250812T060000`, or of the instant `20250812T060000Z`. */
function readTime(rule: string, text: string, zone: TimeZone): LocalTime {
  const [, year, month, day, hour = "0", minute = "0", second = "0", utc] = TIME.exec(text) ?? [];
  if (year === undefined) throw badRRule(rule, `${JSON.stringify(text)} is not a date like 20250812T060000`);
  const ms = parseDate(`${year}-${month}-${day}`) + (Number(hour) * 3600 + Number(minute) * 60 + Number(second)) * 1000;
  return utc === "Z" ? zone.localOf(ms) : ms;
}

const compact = (local: LocalTime): string => new Date(local).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");

function badRRule(rule: unknown, why: string, cause?: unknown): TuttiError {
  return new TuttiError(
    "BAD_RRULE",
    `${JSON.stringify(rule)} is not a recurrence rule: ${why}. Write it like "FREQ=WEEKLY;BYDAY=MO,FR;BYHOUR=6", with a line DTSTART:20250812T060000 before it where it counts from a day.`,
    { cause },
  );
}
