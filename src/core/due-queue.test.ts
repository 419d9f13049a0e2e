import fc from "fast-check";
import { expect, test } from "vitest";
import { DueQueue } from "./due-queue.ts";

test("property: what is due comes earliest first, equal moments in the order they were put in, and never what is stale", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ at: fc.nat(20), stale: fc.boolean() })), fc.nat(20), (items, now) => {
      const queue = new DueQueue<number>((item) => items[item]!.stale);
      items.forEach(({ at }, item) => queue.add(item, at));
      const taken: number[] = [];
      for (let item = queue.take(now); item !== undefined; item = queue.take(now)) taken.push(item);
      const live = items.map((_, item) => item).filter((item) => !items[item]!.stale);
      const due = live.filter((item) => items[item]!.at <= now).toSorted((a, b) => items[a]!.at - items[b]!.at);
      expect(taken).toEqual(due);
      const later = live.map((item) => items[item]!.at).filter((at) => at > now);
      expect(queue.next).toBe(later.length === 0 ? null : Math.min(...later));
    }),
  );
});
