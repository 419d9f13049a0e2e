/** Trouble with a store that is away is met again and again. */
const SAME_AGAIN_MS = 60_000;
const REMEMBERED = 100;

/** Says the same only once a minute. */
export function quieter(notice: (text: string) => void): (text: string) => void {
  const saidAt = new Map<string, number>();
  return (text) => {
    const now = performance.now();
    if (now - (saidAt.get(text) ?? -Infinity) < SAME_AGAIN_MS) return;
    if (saidAt.size >= REMEMBERED) saidAt.clear();
    saidAt.set(text, now);
    notice(text);
  };
}
