import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setConnectionResolver } from "../authoring/connection.ts";
import { objectStore } from "../connectors/object-store/index.ts";

/** What every object store promises, on any backend. `url`: of an empty prefix. */
export function objectsSuite(name: string, url: () => string): void {
  describe(`${name} as an object store`, () => {
    let before: ReturnType<typeof setConnectionResolver>;
    const store = objectStore("lake");
    const keys = async (prefix?: string) => {
      const found: string[] = [];
      for await (const { key } of store.list(prefix)) found.push(key);
      return found;
    };
    beforeAll(() => void (before = setConnectionResolver(() => url())));
    afterAll(() => void setConnectionResolver(before));

    it("gives back what was written, whole or a part of it, and says how large it is", async () => {
      expect(await store.write("a/one.txt", "hello")).toBe(5);
      expect(Buffer.from(await store.bytes("a/one.txt")).toString()).toBe("hello");
      expect(Buffer.from(await store.range("a/one.txt", 1, 3)).toString()).toBe("ell");
      expect(await store.range("a/one.txt", 1, 0)).toHaveLength(0);
      expect(await store.head("a/one.txt")).toMatchObject({ key: "a/one.txt", size: 5, modified: expect.any(Date) });
      expect(await store.write("a/one.txt", new Uint8Array([1, 2]))).toBe(2);
      expect(await store.bytes("a/one.txt")).toStrictEqual(new Uint8Array([1, 2]));
      expect(await store.write("a/empty", "")).toBe(0);
      expect(await store.bytes("a/empty")).toHaveLength(0);
      await store.write("a/rows.json", [{ n: 1 }, { n: 2 }]);
      expect(Buffer.from(await store.bytes("a/rows.json")).toString()).toBe('{"n":1}\n{"n":2}\n');
      await store.write("a/doc.json", '{"n":[1]}');
      expect(await store.json("a/doc.json")).toEqual({ n: [1] });
    });

    it("says of what is not there that it is not, and deletes it all the same", async () => {
      expect(await store.head("nowhere/at/all")).toBeNull();
      await expect(store.bytes("nowhere/at/all")).rejects.toMatchObject({ code: "OBJECT_NOT_FOUND" });
      await store.delete(["nowhere/at/all", "nor/here"]);
    });

    it("lists by prefix in the order of keys, and deletes many at once", async () => {
      const names = Array.from({ length: 30 }, (_, at) => `l/${String(at).padStart(2, "0")}/x y+ü%.txt`);
      await Promise.all([...names, "l-other"].map((key) => store.write(key, key)));
      expect(await keys("l/")).toEqual(names);
      expect(await keys("l/1")).toEqual(names.slice(10, 20));
      expect(await keys("l/15/x")).toEqual([names[15]]);
      expect(await keys("nowhere/")).toEqual([]);
      await store.delete(names);
      expect(await keys("l")).toEqual(["l-other"]);
    });

    it("says what is new since a cursor: each once, also what was written again, and nothing of another prefix", async () => {
      const keysOf = ({ objects }: { objects: readonly { key: string }[] }) => objects.map(({ key }) => key).toSorted();
      await Promise.all(["in/a", "in/b", "in/c", "out/x"].map((key) => store.write(key, key)));
      const first = await store.newObjects("in/", null, { limit: 2 });
      expect([first.objects.length, first.more]).toEqual([2, true]);
      const second = await store.newObjects("in/", first.cursor, { limit: 2 });
      expect([...keysOf(first), ...keysOf(second)].toSorted()).toEqual(["in/a", "in/b", "in/c"]);
      expect(second.more).toBe(false);
      expect(await store.newObjects("in/", second.cursor)).toEqual({ ...second, objects: [] });
      await store.write("in/d", "d");
      await store.write("in/a", "again");
      await store.delete("in/b");
      const third = await store.newObjects("in/", second.cursor);
      expect(keysOf(third)).toEqual(["in/a", "in/d"]);
      // As after a crash, when the cursor was not kept.
      expect(keysOf(await store.newObjects("in/", second.cursor))).toEqual(["in/a", "in/d"]);
      expect(keysOf(await store.newObjects("in/", third.cursor))).toEqual([]);
      expect(await store.newObjects("empty/", null)).toMatchObject({ objects: [], more: false });
    });

    it("takes a large object in parts of any size, and gives it back", async () => {
      const told: number[] = [];
      const source = async function* () {
        for (let at = 0; at < 300; at++) yield Buffer.alloc(70_001, at % 251);
      };
      const size = 300 * 70_001;
      expect(await store.write("large", source(), { onProgress: (bytes) => void told.push(bytes) })).toBe(size);
      expect(told.at(-1)).toBe(size);
      let [length, sum] = [0, 0];
      for await (const chunk of store.stream("large")) {
        length += chunk.byteLength;
        for (const byte of chunk) sum += byte;
      }
      expect(length).toBe(size);
      expect(sum).toBe(Array.from({ length: 300 }, (_, at) => (at % 251) * 70_001).reduce((a, b) => a + b));
      expect(await store.range("large", 70_000, 3)).toStrictEqual(new Uint8Array([0, 1, 1]));
    });

    it("what was half written when its source failed is not there, and what was there before still is", async () => {
      await store.write("kept", "before");
      const broken = async function* () {
        for (let at = 0; at < 20; at++) yield Buffer.alloc(1024 * 1024);
        throw new Error("the source broke");
      };
      for (const key of ["kept", "half"]) await expect(store.write(key, broken())).rejects.toThrow("the source broke");
      expect(Buffer.from(await store.bytes("kept")).toString()).toBe("before");
      expect(await store.head("half")).toBeNull();
      expect(await keys("half")).toEqual([]);
    });

    it("an abort ends a write and a read", async () => {
      const abort = new AbortController();
      const endless = async function* () {
        for (let at = 0; ; at++) {
          if (at === 12) abort.abort(new Error("cancelled"));
          yield Buffer.alloc(1024 * 1024);
        }
      };
      await expect(store.with({ signal: abort.signal }).write("endless", endless())).rejects.toThrow("cancelled");
      expect(await store.head("endless")).toBeNull();
      await store.write("long", Buffer.alloc(4 * 1024 * 1024));
      const reading = new AbortController();
      const read = async () => {
        for await (const _ of store.with({ signal: reading.signal }).stream("long")) reading.abort(new Error("enough"));
      };
      await expect(read()).rejects.toThrow("enough");
    });

    it.each(["../other", "a/../../other", "/etc/passwd", "a/..", ".."])(
      "%j leads out of the prefix, and is refused",
      async (key) => {
        const calls = [
          () => store.write(key, "x"),
          () => store.bytes(key),
          () => store.head(key),
          () => store.delete(key),
          () => keys(key),
        ];
        for (const call of calls) await expect(call()).rejects.toMatchObject({ code: "OBJECT_OUTSIDE_PREFIX" });
      },
    );

    it.each(["", "a//b", "a/./b", "a\\b", "a\0b", "folder/", "x".repeat(1_001), 7 as never])(
      "%j is no key",
      async (key) => {
        await expect(store.write(key, "x")).rejects.toMatchObject({ code: "BAD_OBJECT_KEY" });
      },
    );

    it("refuses what is no content", async () => {
      for (const content of [7, null, [1], undefined] as never[])
        await expect(store.write("bad", content)).rejects.toMatchObject({ code: "BAD_OBJECT" });
      expect(await store.head("bad")).toBeNull();
    });
  });
}
