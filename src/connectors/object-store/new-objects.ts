import { createHash } from "node:crypto";
import { TuttiError } from "../../core/errors.ts";
import type { ObjectInfo } from "../../objects/object-store.ts";

export interface NewObjects {
  /** The oldest first. An object that was written again is new again. */
  readonly objects: readonly ObjectInfo[];
  /** For the next call, once these are done with. A text, as long as what the last day (`lookback`) brought is many: about 30 bytes each. */
  readonly cursor: string;
  /** There are more than `limit`: ask again. */
  readonly more: boolean;
}

/** What has been seen, and until when that is complete. */
export interface Seen {
  readonly prefix: string;
  /** The time of the newest that was given out, in ms since 1970; `null`: none. */
  readonly until: number | null;
  /** Those since `until` less the lookback, with their time: what comes late has an older time than what was given out before it. */
  readonly marks: ReadonlyMap<string, number>;
}

interface Wanted {
  readonly limit: number;
  readonly lookbackMs: number;
  /** Ms since 1970. A time beyond it is its writer's fancy. */
  readonly now: number;
}

/** What of a listing has not been seen, in memory for `limit` of them. */
export async function unseen(
  listed: AsyncIterable<ObjectInfo>,
  seen: Seen,
  { limit, lookbackMs, now }: Wanted,
): Promise<{ readonly objects: readonly ObjectInfo[]; readonly seen: Seen; readonly more: boolean }> {
  const since = (until: number | null): number => (until === null ? -Infinity : until - lookbackMs);
  let found: ObjectInfo[] = [];
  let more = false;
  for await (const object of listed) {
    if (object.modified.getTime() < since(seen.until) || seen.marks.has(mark(object))) continue;
    found.push(object);
    if (found.length < 2 * limit) continue;
    [found, more] = [oldest(found, limit), true];
  }
  const objects = oldest(found, limit);
  const last = objects.at(-1)?.modified.getTime() ?? -Infinity;
  const until = Math.max(seen.until ?? -Infinity, Math.min(last, now));
  const marks = new Map([
    ...seen.marks,
    ...objects.map((object) => [mark(object), object.modified.getTime()] as const),
  ]);
  for (const [key, time] of marks) if (time < since(until)) marks.delete(key);
  return {
    objects,
    more: more || found.length > limit,
    seen: { prefix: seen.prefix, until: until === -Infinity ? null : until, marks },
  };
}

const oldest = (objects: readonly ObjectInfo[], limit: number): ObjectInfo[] =>
  objects.toSorted((a, b) => a.modified.getTime() - b.modified.getTime() || (a.key < b.key ? -1 : 1)).slice(0, limit);

/** Stands for one state of one object. */
const mark = ({ key, size, modified, etag }: ObjectInfo): string =>
  createHash("sha256")
    .update(JSON.stringify([key, size, modified.getTime(), etag]))
    .digest("base64url")
    .slice(0, 12);

const VERSION = 1;

export const writeCursor = ({ prefix, until, marks }: Seen): string =>
  JSON.stringify([VERSION, prefix, until, [...marks].flat()]);

/** @param cursor `null`: nothing has been seen. @throws TuttiError `BAD_CURSOR` */
export function readCursor(prefix: string, cursor: string | null): Seen {
  if (cursor === null) return { prefix, until: null, marks: new Map() };
  const [version, of, until, flat] = parsed(cursor);
  if (version !== VERSION || of !== prefix || !Array.isArray(flat) || !(until === null || typeof until === "number"))
    throw new TuttiError(
      "BAD_CURSOR",
      `This cursor is none that newObjects(${JSON.stringify(prefix)}, …) gave. Take the one of the last call with this prefix, or null to begin with all that is there.`,
    );
  const marks = new Map<string, number>();
  for (let at = 0; at < flat.length; at += 2) marks.set(flat[at] as string, flat[at + 1] as number);
  return { prefix, until, marks };
}

function parsed(cursor: unknown): unknown[] {
  try {
    const value: unknown = JSON.parse(cursor as string);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
