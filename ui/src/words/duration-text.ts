const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Short, for people: `850 ms`, `3.2 s`, `48 s`, `1 min 04 s`, `1 h 26 min`, `2 d 3 h`. */
export function durationText(ms: number): string {
  if (ms < 0) return `−${durationText(-ms)}`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 59_500) return `${Math.round(ms / 1000)} s`;
  const s = Math.round(ms / 1000);
  if (s < 3600) return s % 60 === 0 ? `${s / 60} min` : `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  const min = Math.round(ms / MINUTE);
  if (ms < DAY) return min % 60 === 0 ? `${min / 60} h` : `${Math.floor(min / 60)} h ${two(min % 60)} min`;
  const h = Math.round(ms / HOUR);
  return h % 24 === 0 ? `${h / 24} d` : `${Math.floor(h / 24)} d ${h % 24} h`;
}

/** What one of several was more or less by: `+3 s`, `−1 min 20 s`, `same`. */
export const differenceText = (ms: number): string =>
  Math.abs(ms) < 1 ? "same" : `${ms > 0 ? "+" : "−"}${durationText(Math.abs(ms))}`;

const two = (n: number): string => String(n).padStart(2, "0");
