import type { LookCall, OnPollOptions, Polled } from "../../authoring/on-poll.ts";
import { durationOption } from "../../authoring/known-options.ts";
import type { Heard } from "./listen.ts";

/** How a channel is heard. */
export interface OnNotifyOptions extends OnPollOptions {
  /** Names the trigger. Default: `notify <connection>/<channel>`. */
  readonly name?: string;
}

/** Between two times that it listens: what is notified then is in the table. */
const PAUSE_MS = 100;

/** As a poll takes them: it looks again as soon as it has heard something, and in `every` in any case. */
export function onNotifyOptions({ every, timeout, ...more }: OnNotifyOptions, what: string) {
  const waitMs = durationOption(every ?? "1m", what, "every") ?? 0;
  const timeoutMs = durationOption(timeout ?? "1m", what, "timeout") ?? 0;
  return { ...more, waitMs, every: PAUSE_MS, timeout: waitMs + timeoutMs };
}

/**
 * What `look` finds at once, or when the channel is notified within `waitMs`. It listens before it looks: what is written after the look is
 * notified after it began to listen.
 */
export async function lookWhenNotified<Cursor>(
  listen: (stop: AbortSignal) => AsyncIterable<Heard<string>>,
  waitMs: number,
  { signal, fresh }: LookCall,
  look: () => Polled<Cursor> | undefined | Promise<Polled<Cursor> | undefined>,
): Promise<Polled<Cursor> | undefined> {
  // What comes while it waits is new: that starts runs, and a first look would pass it over.
  if (fresh) return look();
  const enough = new AbortController();
  const timer = setTimeout(() => enough.abort(ENOUGH), waitMs);
  try {
    // A gap, of which the first is its beginning, is as good as a notification: the table says what there is.
    const heard = listen(AbortSignal.any([signal, enough.signal]))[Symbol.asyncIterator]();
    try {
      while ((await heard.next()).done !== true) {
        const found = await look();
        if (found !== undefined) return found;
      }
    } finally {
      await heard.return?.();
    }
    return undefined;
  } catch (error) {
    if (error === ENOUGH && !signal.aborted) return undefined;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const ENOUGH = new Error("it has listened long enough");
