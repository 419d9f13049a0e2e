/** What a file looked like: it is another one when this differs. */
export interface FileFacts {
  readonly modifiedMs: number;
  readonly size: number;
}

/** Files that are known, by path, each with the day on which it was last there. */
export type FileMarks = Readonly<Record<string, readonly [modifiedMs: number, size: number, day: number]>>;

const DAY_MS = 86_400_000;
/** A folder that several machines share may be seen by them at different times, and one that is mounted anew is empty for a moment. */
const KEPT_DAYS = 7;

/** Those that are new, or no longer what they were. */
export const unknownFiles = (marks: FileMarks, present: ReadonlyMap<string, FileFacts>): string[] =>
  [...present].flatMap(([path, { modifiedMs, size }]) => {
    const known = Object.hasOwn(marks, path) ? marks[path] : undefined;
    return known?.[0] === modifiedMs && known[1] === size ? [] : [path];
  });

/** Whether what is known would be forgotten although it is there. */
export const needsRefresh = (marks: FileMarks, nowMs: number): boolean =>
  Object.values(marks).some(([, , day]) => day < Math.floor(nowMs / DAY_MS) - 1);

/** As it is known from now on: with these, and without what has not been there for a week. */
export function markedFiles(
  marks: FileMarks,
  present: ReadonlyMap<string, FileFacts>,
  taken: ReadonlySet<string>,
  nowMs: number,
): FileMarks {
  const day = Math.floor(nowMs / DAY_MS);
  const next = new Map<string, readonly [number, number, number]>();
  for (const [path, [modifiedMs, size, seen]] of Object.entries(marks)) {
    const last = present.has(path) ? day : seen;
    if (last > day - KEPT_DAYS) next.set(path, [modifiedMs, size, last]);
  }
  for (const path of taken) {
    const facts = present.get(path);
    if (facts) next.set(path, [facts.modifiedMs, facts.size, day]);
  }
  return Object.fromEntries([...next].sort(([a], [b]) => (a < b ? -1 : 1)));
}
