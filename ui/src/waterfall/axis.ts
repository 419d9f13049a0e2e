import { clockText, secondsText } from "../words/time-text.ts";
import { durationText } from "../words/duration-text.ts";

export interface Tick {
  /** From 0 to 1. */
  readonly at: number;
  readonly text: string;
}

const STEPS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000, 604_800_000,
];
const MOST_TICKS = 7;

/** Round figures along a stretch of time: the clock at its beginning, and how long after it. */
export function ticksOf(begin: number, end: number): Tick[] {
  const length = Math.max(1, end - begin);
  const step =
    STEPS_MS.find((each) => length / each <= MOST_TICKS) ??
    STEPS_MS.at(-1)! * Math.ceil(length / STEPS_MS.at(-1)! / MOST_TICKS);
  const ticks: Tick[] = [{ at: 0, text: length < 60_000 ? secondsText(begin) : clockText(begin) }];
  for (let offset = step; offset <= length; offset += step)
    ticks.push({ at: offset / length, text: `+${durationText(offset)}` });
  return ticks;
}
