import { dateFromInstant, type Instant } from "../../core/clock.ts";
import { formatDuration } from "../../core/duration.ts";

/** `2026-11-22 18:53:04`, in the terminal's own zone. */
export function timeText(instant: Instant | null): string {
  if (instant === null) return "";
  const date = dateFromInstant(instant);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace("T", " ");
}

/** `18:53:04.120` */
export const clockText = (instant: Instant): string =>
  new Date(dateFromInstant(instant).getTime() - dateFromInstant(instant).getTimezoneOffset() * 60_000)
    .toISOString()
    .slice(11, 23);

export const durationText = (from: Instant | null, to: Instant | null): string =>
  from === null || to === null ? "" : formatDuration((to - from) / 1000);

export const isoText = (instant: Instant | null): string | null =>
  instant === null ? null : dateFromInstant(instant).toISOString();

/** `name[3]`; `name` of a task that is not mapped. */
export const taskRunText = (task: string, mapIndex: number | null): string =>
  mapIndex === null ? task : `${task}[${mapIndex}]`;
