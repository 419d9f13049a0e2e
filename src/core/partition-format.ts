import { TuttiError } from "./errors.ts";
import type { LocalTime } from "./time-zone.ts";

const DAY_MS = 86_400_000;

/** A moment that a key names: wall time, and the offset where the key says one. */
export interface KeyTime {
  readonly local: LocalTime;
  readonly offsetMs: number | null;
}

interface Field {
  readonly pattern: string;
  /** From wall time, as a date whose UTC fields are the wall clock's, and the zone's offset then. */
  readonly write: (local: Date, offsetMs: number) => string;
}

const padded = (value: number, width = 2): string => String(value).padStart(width, "0");

/** The fields of strftime that a key may have. `%q` is the quarter. */
const FIELDS: Readonly<Record<string, Field>> = {
  "%Y": { pattern: String.raw`\d{4}`, write: (date) => padded(date.getUTCFullYear(), 4) },
  "%m": { pattern: String.raw`\d\d?`, write: (date) => padded(date.getUTCMonth() + 1) },
  "%d": { pattern: String.raw`\d\d?`, write: (date) => padded(date.getUTCDate()) },
  "%H": { pattern: String.raw`\d\d?`, write: (date) => padded(date.getUTCHours()) },
  "%M": { pattern: String.raw`\d\d?`, write: (date) => padded(date.getUTCMinutes()) },
  "%S": { pattern: String.raw`\d\d?`, write: (date) => padded(date.getUTCSeconds()) },
  "%q": { pattern: "[1-4]", write: (date) => String(Math.floor(date.getUTCMonth() / 3) + 1) },
  "%j": { pattern: String.raw`\d{1,3}`, write: (date) => padded(dayOfYear(date), 3) },
  "%V": { pattern: String.raw`\d\d?`, write: (date) => padded(isoWeek(date)) },
  "%z": { pattern: String.raw`[+-]\d{4}|Z`, write: (_, offsetMs) => offsetText(offsetMs) },
};

/** `-0800` */
export function offsetText(offsetMs: number): string {
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  return `${offsetMs < 0 ? "-" : "+"}${padded(Math.floor(minutes / 60))}${padded(minutes % 60)}`;
}

/** How the keys of partitions in time are written: strftime's fields `%Y %m %d %H %M %S %z %j %V`, and `%q`. */
export class KeyFormat {
  readonly namesOffset: boolean;
  readonly #parts: readonly string[];
  readonly #names: readonly string[];
  readonly #pattern: RegExp;

  /** @throws TuttiError `BAD_PARTITIONS` */
  constructor(format: string) {
    this.#parts = format.split(/(%.)/).filter((part) => part !== "");
    this.#names = this.#parts.filter((part) => part.startsWith("%"));
    const unknown = this.#names.find((name) => FIELDS[name] === undefined);
    if (unknown !== undefined || !this.#names.includes("%Y"))
      throw new TuttiError(
        "BAD_PARTITIONS",
        `${JSON.stringify(format)} is no format of keys: ${unknown === undefined ? `it has no "%Y"` : `there is no "${unknown}"`}. There are: ${Object.keys(FIELDS).join(" ")}.`,
      );
    this.namesOffset = this.#names.includes("%z");
    const pattern = this.#parts.map((part) => {
      const field = FIELDS[part];
      return field === undefined ? part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`) : `(${field.pattern})`;
    });
    // An offset at the end marks the second of two equal times.
    this.#pattern = new RegExp(`^${pattern.join("")}([+-]\\d{4})?$`);
  }

  write(local: LocalTime, offsetMs: number): string {
    const date = new Date(local);
    return this.#parts.map((part) => FIELDS[part]?.write(date, offsetMs) ?? part).join("");
  }

  /** `null`: it is no key of this form, or no date. */
  read(key: string): KeyTime | null {
    const found = this.#pattern.exec(key);
    if (found === null) return null;
    const said = new Map(this.#names.map((name, place) => [name, found[place + 1]!]));
    const number = (name: string): number | null => (said.has(name) ? Number(said.get(name)) : null);
    const quarter = number("%q");
    const month = number("%m") ?? (quarter === null ? 1 : quarter * 3 - 2);
    const day = number("%d") ?? 1;
    const [hour, minute, second] = [number("%H") ?? 0, number("%M") ?? 0, number("%S") ?? 0];
    const date = Date.UTC(number("%Y")!, month - 1, day) + ((number("%j") ?? 1) - 1) * DAY_MS;
    if (new Date(Date.UTC(number("%Y")!, month - 1, day)).getUTCDate() !== day || month > 12) return null;
    if (hour > 23 || minute > 59 || second > 59) return null;
    const offset = found.at(-1) ?? said.get("%z");
    return {
      local: date + (hour * 3600 + minute * 60 + second) * 1000,
      offsetMs: offset === undefined ? null : offsetMs(offset),
    };
  }
}

function offsetMs(text: string): number {
  if (text === "Z") return 0;
  return (text.startsWith("-") ? -1 : 1) * (Number(text.slice(1, 3)) * 60 + Number(text.slice(3))) * 60_000;
}

const dayOfYear = (date: Date): number =>
  Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS) + 1;

/** The week of its Thursday. */
function isoWeek(date: Date): number {
  const thursday = new Date(date.getTime() + (3 - ((date.getUTCDay() + 6) % 7)) * DAY_MS);
  return Math.ceil(dayOfYear(thursday) / 7);
}
