import { TuttiError } from "./errors.ts";

/** Local wall time: milliseconds since 1970-01-01T00:00 on the clocks of a zone. */
export type LocalTime = number;

/** A moment when a zone's clocks were moved. All in milliseconds; the offsets are what to add to UTC. */
export interface Transition {
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

const DAY_MS = 86_400_000;

interface Stretch {
  readonly from: number;
  readonly until: number;
  readonly offset: number;
}

/** An IANA time zone. Instants are epoch milliseconds here: no zone's rules are finer than a second. */
export class TimeZone {
  static readonly #known = new Map<string, TimeZone>();

  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  /** By UTC year: asking Intl costs microseconds, and windows ask often. */
  readonly #years = new Map<number, { readonly offset: number; readonly transitions: readonly Transition[] }>();
  /** What was asked for last: the next question is mostly about the same half year. */
  #stretch: Stretch = { from: 0, until: 0, offset: 0 };

  private constructor(name: string) {
    this.name = name;
    this.#format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  }

  /** @throws TuttiError `BAD_TIMEZONE` when it is no IANA name. */
  static of(name: string): TimeZone {
    const known = TimeZone.#known.get(name);
    if (known !== undefined) return known;
    // Intl takes "+05:30" too, but an offset has no rules.
    if (typeof name !== "string" || !/^[A-Za-z]/.test(name)) throw badTimeZone(name);
    try {
      const zone = new TimeZone(name);
      TimeZone.#known.set(name, zone);
      return zone;
    } catch (error) {
      throw badTimeZone(name, error);
    }
  }

  offsetAt(ms: number): number {
    return this.#stretchAt(ms).offset;
  }

  localOf(ms: number): LocalTime {
    return ms + this.offsetAt(ms);
  }

  /** Every moment at which the clocks show this, earliest first: mostly one, two in an autumn overlap, none in a spring gap. */
  instantsOf(local: LocalTime): readonly number[] {
    const { from, until, offset } = this.#stretchAt(local);
    // No zone's clocks differ from UTC by a day, so nothing that was moved is near.
    if (local - DAY_MS >= from && local + DAY_MS < until) return [local - offset];
    const near = this.transitionsBetween(local - DAY_MS, local + DAY_MS);
    const offsets = new Set([this.offsetAt(local - DAY_MS), ...near.map(({ after }) => after)]);
    return [...offsets]
      .map((offset) => local - offset)
      .filter((ms) => this.localOf(ms) === local)
      .sort((a, b) => a - b);
  }

  /** The first moment at which the clocks show this; in a spring gap, the first after the gap. */
  firstInstantOf(local: LocalTime): number {
    return this.instantsOf(local)[0] ?? this.#afterGap(local);
  }

  /** The same, but the second moment in an autumn overlap. */
  lastInstantOf(local: LocalTime): number {
    return this.instantsOf(local).at(-1) ?? this.#afterGap(local);
  }

  /** In order, those in `(after, until]`. */
  transitionsBetween(after: number, until: number): readonly Transition[] {
    const found: Transition[] = [];
    for (let year = new Date(after).getUTCFullYear(); year <= new Date(until).getUTCFullYear(); year++)
      for (const transition of this.#year(year).transitions)
        if (transition.at > after && transition.at <= until) found.push(transition);
    return found;
  }

  #afterGap(local: LocalTime): number {
    const gap = this.transitionsBetween(local - DAY_MS, local + DAY_MS).find(
      ({ at, before, after }) => local >= at + before && local < at + after,
    );
    return gap?.at ?? local - this.offsetAt(local);
  }

  /** The stretch of an unchanged offset that an instant is in, as far as its year goes. */
  #stretchAt(ms: number): Stretch {
    const last = this.#stretch;
    if (ms >= last.from && ms < last.until) return last;
    const year = new Date(ms).getUTCFullYear();
    const { offset, transitions } = this.#year(year);
    const at = transitions.findLastIndex((transition) => transition.at <= ms);
    this.#stretch = {
      from: transitions[at]?.at ?? Date.UTC(year),
      until: transitions[at + 1]?.at ?? Date.UTC(year + 1),
      offset: transitions[at]?.after ?? offset,
    };
    return this.#stretch;
  }

  #year(year: number): { readonly offset: number; readonly transitions: readonly Transition[] } {
    const known = this.#years.get(year);
    if (known !== undefined) return known;
    const [start, end] = [Date.UTC(year), Date.UTC(year + 1)];
    const found = { offset: this.#askOffset(start), transitions: this.#findTransitions(start, end) };
    this.#years.set(year, found);
    return found;
  }

  /** Three days at a time: the shortest change that the tz database knows, of Freetown in 1939, was taken back after four. */
  #findTransitions(start: number, end: number): readonly Transition[] {
    const found: Transition[] = [];
    let before = this.#askOffset(start - 1000);
    for (let from = start - 1000; from < end - 1000;) {
      const to = Math.min(from + 3 * DAY_MS, end - 1000);
      const after = this.#askOffset(to);
      if (after !== before) found.push({ at: this.#moment(from, to, before), before, after });
      [from, before] = [to, after];
    }
    return found;
  }

  /** Halves until the second of the change is found. */
  #moment(from: number, to: number, before: number): number {
    while (to - from > 1000) {
      const middle = from + Math.floor((to - from) / 2000) * 1000;
      if (this.#askOffset(middle) === before) from = middle;
      else to = middle;
    }
    return to;
  }

  #askOffset(ms: number): number {
    const found = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(this.#format.format(ms));
    if (found?.[1] === undefined) return 0;
    const seconds = Number(found[2]) * 3600 + Number(found[3]) * 60 + Number(found[4] ?? 0);
    return (found[1] === "-" ? -1 : 1) * seconds * 1000;
  }
}

function badTimeZone(name: unknown, cause?: unknown): TuttiError {
  return new TuttiError(
    "BAD_TIMEZONE",
    `${JSON.stringify(name)} is not a time zone. Use an IANA name such as "Europe/London" or "UTC".`,
    { cause },
  );
}
