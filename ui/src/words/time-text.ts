/** Instants as the viewer's own clock shows them. What a schedule means by them is told on hover. */

type Options = Intl.DateTimeFormatOptions;

const made = new Map<string, Intl.DateTimeFormat>();

function format(options: Options): Intl.DateTimeFormat {
  const key = JSON.stringify(options);
  let known = made.get(key);
  if (known === undefined) made.set(key, (known = new Intl.DateTimeFormat("en-GB", options)));
  return known;
}

const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;

export const viewerZone = (): string => format({}).resolvedOptions().timeZone;

/** `02:14` */
export const clockText = (at: Date | number): string => format(CLOCK).format(at);

/** `02:14:07` */
export const secondsText = (at: Date | number): string => format({ ...CLOCK, second: "2-digit" }).format(at);

/** `01:36:07.640` */
export const millisText = (at: Date | number): string =>
  format({ ...CLOCK, second: "2-digit", fractionalSecondDigits: 3 }).format(at);

/** `22 Nov`, and with its year when that is not this one. */
export function dayText(at: Date | number, now: number = Date.now()): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return format({ day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) }).format(at);
}

/** `Mon 23 Nov 2026, 02:14` */
export const longText = (at: Date | number): string =>
  format({ weekday: "short", day: "numeric", month: "short", year: "numeric", ...CLOCK })
    .format(at)
    .replaceAll(",", "")
    .replace(/ (\d\d:\d\d)$/, ", $1");

/** `02:14` today, else `22 Nov 02:14`. */
export function momentText(at: Date | number, now: number = Date.now()): string {
  const day = dayText(at, now);
  return day === dayText(now, now) ? clockText(at) : `${day} ${clockText(at)}`;
}

/** `02:14:07` today, else `22 Nov 02:14:07`. */
export function exactText(at: Date | number, now: number = Date.now()): string {
  const day = dayText(at, now);
  return day === dayText(now, now) ? secondsText(at) : `${day} ${secondsText(at)}`;
}

/** For a hover: the same instant in another zone, in UTC, and which zone the text itself is in. */
export function hoverText(at: Date | number, zone?: string): string {
  const utc = `${new Date(at).toISOString().replace("T", " ").slice(0, 19)} UTC`;
  const own = viewerZone();
  const zones = [...new Set([own, zone ?? "UTC"])].filter((each) => each !== "UTC");
  return [...zones.map((each) => `${inZone(at, each)} ${each}`), utc].join("; ");
}

const inZone = (at: Date | number, timeZone: string): string =>
  format({ day: "numeric", month: "short", year: "numeric", ...CLOCK, second: "2-digit", timeZone }).format(at);

/** When the hour of the viewer's clock began: clocks of some zones stand at half past when others strike. */
export function hourOf(at: number): number {
  const date = new Date(at);
  date.setMinutes(0, 0, 0);
  return date.getTime();
}
