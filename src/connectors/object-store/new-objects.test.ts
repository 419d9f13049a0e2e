import fc from "fast-check";
import { expect, it } from "vitest";
import type { ObjectInfo } from "../../objects/object-store.ts";
import { readCursor, type Seen, unseen, writeCursor } from "./new-objects.ts";

const MINUTE = 60_000;
const NOON = Date.parse("2025-08-12T12:00:00Z");
const object = (key: string, minute: number): ObjectInfo => ({
  key,
  size: 1,
  modified: new Date(NOON + minute * MINUTE),
  etag: null,
});
async function* listing(objects: readonly ObjectInfo[]) {
  yield* objects;
}
const keep = (seen: Seen): Seen => readCursor("in/", writeCursor(seen));
const wanted = { limit: 1_000, lookbackMs: 60 * MINUTE, now: NOON + 1_000 * MINUTE };
const keysOf = (objects: readonly ObjectInfo[]): string[] => objects.map(({ key }) => key);

it("gives what became visible late, when its time is not older than the lookback", async () => {
  const [old, late, lost] = [object("old", 100), object("late", 41), object("lost", 39)];
  const first = await unseen(listing([old]), readCursor("in/", null), wanted);
  const second = await unseen(listing([late, lost, old]), keep(first.seen), wanted);
  expect(keysOf(second.objects)).toEqual(["late"]);
});

it("a time of the future hides nothing", async () => {
  const first = await unseen(listing([object("future", 1_000_000)]), readCursor("in/", null), wanted);
  const second = await unseen(listing([object("future", 1_000_000), object("now", 999)]), keep(first.seen), wanted);
  expect(keysOf(second.objects)).toEqual(["now"]);
});

it("forgets what is older than the lookback", async () => {
  const many = Array.from({ length: 500 }, (_, minute) => object(`k${minute}`, minute));
  const { seen } = await unseen(listing(many), readCursor("in/", null), wanted);
  expect(seen.marks.size).toBe(61);
});

it("whatever comes when, within the lookback and taken in any portions, each is given once, and the older first", async () => {
  const arrivals = fc.array(fc.record({ minute: fc.nat(59), visibleAt: fc.nat(10) }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(arrivals, fc.integer({ min: 1, max: 7 }), async (coming, limit) => {
      const all = coming.map(({ minute }, at) => object(`k${String(at).padStart(2, "0")}`, minute));
      const given: string[] = [];
      let seen = readCursor("in/", null);
      for (let now = 0; now <= 10; now++)
        for (let more = true; more;) {
          const visible = all.filter((_, at) => coming[at]!.visibleAt <= now);
          const found = await unseen(listing(visible), keep(seen), { ...wanted, limit });
          expect(found.objects.length).toBeLessThanOrEqual(limit);
          expect(found.objects).toEqual(found.objects.toSorted((a, b) => a.modified.getTime() - b.modified.getTime()));
          given.push(...keysOf(found.objects));
          ({ seen, more } = found);
        }
      expect(given.toSorted()).toEqual(keysOf(all));
    }),
  );
});
