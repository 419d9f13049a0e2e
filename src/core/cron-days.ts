import type { CronPattern } from "croner";

/** croner's marks in `dayOfWeek`: one bit for each nth of the month, this one for the last. */
const LAST = 32;
const EVERY = 63;
const MAX_MONTHS = 1200;

/** The days on which a cron expression ticks. Day of month and day of week, both given, mean either. */
export class CronDays {
  readonly #months: readonly boolean[];
  /** The dates of the day-of-month field, as bits. */
  readonly #dates: number;
  /** Of each weekday, Sunday first: which of the month, in croner's marks. */
  readonly #weekdays: readonly number[];
  readonly #nearest: readonly number[];
  readonly #lastDay: boolean;
  readonly #lastWeekday: boolean;
  readonly #anyDate: boolean;
  readonly #anyWeekday: boolean;
  readonly #both: boolean;
  readonly #known = new Map<number, number>();

  constructor(pattern: CronPattern) {
    this.#months = pattern.month.map(Boolean);
    this.#dates = pattern.day.reduce((bits, on, place) => (on ? bits | (1 << place) : bits), 0);
    this.#weekdays = pattern.dayOfWeek.slice(0, 7);
    this.#nearest = pattern.nearestWeekdays.flatMap((on, place) => (on ? [place + 1] : []));
    this.#lastDay = pattern.lastDayOfMonth;
    this.#lastWeekday = pattern.lastWeekday;
    this.#anyDate = pattern.starDOM;
    this.#anyWeekday = pattern.starDOW;
    this.#both = pattern.useAndLogic;
  }

  /** The dates that match, as bits; `month` counts from year 0. */
  inMonth(month: number): number {
    if (!this.#months[month % 12]) return 0;
    const known = this.#known.get(month);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_MONTHS) this.#known.clear();
    const found = this.#find(Math.floor(month / 12), month % 12);
    this.#known.set(month, found);
    return found;
  }

  #find(year: number, month: number): number {
    const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    const all = length === 31 ? -1 >>> 1 : (1 << length) - 1;
    const first = new Date(Date.UTC(year, month, 1)).getUTCDay();
    const dates = this.#byDate(length, first) & all;
    if (this.#anyWeekday) return dates;
    const weekdays = this.#byWeekday(length, first);
    return this.#both || this.#anyDate ? dates & weekdays : dates | weekdays;
  }

  #byDate(length: number, first: number): number {
    const weekday = (day: number): number => (first + day - 1) % 7;
    let bits = this.#dates;
    if (this.#lastDay) bits |= bit(length);
    if (this.#lastWeekday) bits |= bit(length - [2, 0, 0, 0, 0, 0, 1][weekday(length)]!);
    for (const day of this.#nearest) if (day <= length) bits |= bit(nearestWeekday(day, length, weekday(day)));
    return bits;
  }

  #byWeekday(length: number, first: number): number {
    let bits = 0;
    for (let day = 1; day <= length; day++) {
      const marks = this.#weekdays[(first + day - 1) % 7]!;
      const mark = (1 << (Math.ceil(day / 7) - 1)) | (day + 7 > length ? LAST : 0);
      if (marks === EVERY || (marks & mark) !== 0) bits |= bit(day);
    }
    return bits;
  }
}

const bit = (day: number): number => 1 << (day - 1);

/** Of the same month: a Saturday that is the 1st moves forward, a Sunday that is the last moves back. */
function nearestWeekday(day: number, length: number, weekday: number): number {
  if (weekday === 0) return day === length ? day - 2 : day + 1;
  if (weekday === 6) return day === 1 ? day + 2 : day - 1;
  return day;
}
