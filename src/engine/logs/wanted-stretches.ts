import { NEAR_BYTES } from "./log-entry.ts";
import type { LogSource, WantsTask } from "./log-source.ts";

/** Bytes of a source, from a line's beginning to a line's end. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Where the lines of some tasks may stand, in order: what the index says is theirs, and what it does not speak of. */
export async function* wantedStretches(source: LogSource, wants: WantsTask): AsyncGenerator<Stretch> {
  let open: Stretch | null = null;
  let told = 0;
  for await (const [taskRunId, claim, offset, length] of source.index()) {
    // A writer that died left lines without an entry.
    const gap = offset > told ? [{ from: told, to: offset }] : [];
    const own = wants(taskRunId, claim) ? [{ from: offset, to: offset + length }] : [];
    told = Math.max(told, offset + length);
    for (const next of [...gap, ...own]) {
      if (open !== null && next.from - open.to > NEAR_BYTES) yield open;
      open =
        open !== null && next.from - open.to <= NEAR_BYTES ? { from: open.from, to: Math.max(open.to, next.to) } : next;
    }
  }
  const rest: Stretch = { from: told, to: Infinity };
  if (open !== null && rest.from - open.to > NEAR_BYTES) yield open;
  yield open !== null && rest.from - open.to <= NEAR_BYTES ? { from: open.from, to: Infinity } : rest;
}
