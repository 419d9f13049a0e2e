import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PostgresServer } from "../../../test/support/postgres-server.ts";
import { setConnectionResolver } from "../../authoring/connection.ts";
import { postgres } from "./index.ts";

let server: PostgresServer;
let url = "";
let before: ReturnType<typeof setConnectionResolver>;
beforeAll(async () => {
  server = await PostgresServer.start();
  url = (await server.makeDatabase()).url;
});
afterAll(() => server.stop());
const db = postgres("db");
beforeEach(async () => {
  before = setConnectionResolver(() => url);
  await db.execute`drop table if exists t`;
  await db.execute`create table t (n integer, name text)`;
});
afterEach(() => void setConnectionResolver(before));
const numbers = async () => (await db.query<{ n: number }>`select n from t order by n`).map(({ n }) => n);

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("a transaction", () => {
  it("is there for others when it ends, and gives back what its function gave", async () => {
    const result = await db.transaction(async (tx) => {
      await tx.execute`insert into t values (1)`;
      expect(await numbers()).toEqual([]);
      return (await tx.query`select n from t`).length;
    });
    expect(result).toBe(1);
    expect(await numbers()).toEqual([1]);
  });

  it("leaves nothing when its function throws", async () => {
    const failed = db.transaction(async (tx) => {
      await tx.execute`insert into t values (1)`;
      await tx.copyIn("t", [{ n: 2 }]);
      throw new Error("no");
    });
    await expect(failed).rejects.toThrow("no");
    expect(await numbers()).toEqual([]);
  });

  it("goes on after a part of it that failed was undone", async () => {
    await db.transaction(async (tx) => {
      await tx.execute`insert into t values (1)`;
      await expect(tx.copyIn("t", [{ n: 2 }, { n: 1e12 }])).rejects.toMatchObject({ code: "ROW_REFUSED" });
      await expect(
        (tx as typeof db).transaction(async (inner) => {
          await inner.execute`insert into t values (3)`;
          throw new Error("inner");
        }),
      ).rejects.toThrow("inner");
      await tx.execute`insert into t values (4)`;
    });
    expect(await numbers()).toEqual([1, 4]);
  });

  it("refuses a statement within a loop over its rows, instead of waiting for ever", async () => {
    await db.execute`insert into t select 1 from generate_series(1, 5000)`;
    await db.transaction(async (tx) => {
      for await (const _ of tx.rows`select n from t limit 1`)
        await expect(tx.execute`delete from t`).rejects.toMatchObject({ code: "TRANSACTION_BUSY" });
      await expect(tx.copyIn("t", tx.rows`select n from t`)).rejects.toMatchObject({ code: "TRANSACTION_BUSY" });
      await tx.execute`insert into t values (2)`;
    });
    expect(await numbers()).toHaveLength(5001);
  });

  it("that leaves a loop open is undone, and holds up nobody", async () => {
    const left = db.transaction(async (tx) => {
      await tx.execute`insert into t values (1)`;
      await tx.rows`select * from generate_series(1, 100000)`[Symbol.asyncIterator]().next();
      throw new Error("left it open");
    });
    await expect(left).rejects.toThrow("left it open");
    expect(await numbers()).toEqual([]);
  });

  it("is over when its function has ended", async () => {
    let kept: { execute: typeof db.execute } = db;
    await db.transaction(async (tx) => void (kept = tx));
    await expect(kept.execute`insert into t values (1)`).rejects.toMatchObject({ code: "TRANSACTION_ENDED" });
    expect(await numbers()).toEqual([]);
  });

  it("is undone by an abort, and its connection is not used again", async () => {
    const abort = new AbortController();
    const stopped = db.with({ signal: abort.signal }).transaction(async (tx) => {
      await tx.execute`insert into t values (1)`;
      abort.abort(new Error("cancelled"));
      await tx.execute`insert into t values (2)`;
    });
    await expect(stopped).rejects.toThrow("cancelled");
    expect(await numbers()).toEqual([]);
  });

  it("takes an isolation and read-only, and refuses what is none", async () => {
    const shown = await db.transaction((tx) => tx.query`select current_setting('transaction_isolation') as level`, {
      isolation: "serializable",
    });
    expect(shown).toEqual([{ level: "serializable" }]);
    await expect(db.transaction((tx) => tx.execute`insert into t values (1)`, { readOnly: true })).rejects.toThrow(
      "read-only",
    );
    await expect(db.transaction(async () => {}, { isolation: "loose; drop table t" as never })).rejects.toMatchObject({
      code: "TRANSACTION_ISOLATION_UNKNOWN",
    });
  });
});

describe("COPY of bytes", () => {
  const rows = [
    { n: 1, name: 'a,"b"\nc' },
    { n: 2, name: null },
    { n: 3, name: "" },
  ];

  it.each(["csv", "text", "binary"] as const)("goes out and comes in as %s", async (format) => {
    await db.copyIn("t", rows);
    await db.execute`create table if not exists copied (n integer, name text)`;
    await db.execute`delete from copied`;
    const bytes = db.copyOut(format)`select n, name from t where n < ${3} and name is distinct from ${"it's; \\ $1"}`;
    expect(await db.copyInBytes("copied", bytes, { format, columns: ["n", "name"] })).toBe(2);
    expect(await db.query`select * from copied order by n`).toEqual(rows.slice(0, 2));
  });

  it("quotes values as binding would", async () => {
    const texts = ["'; drop table t; --", "\\'; drop table t", "$1", "it's"];
    for (const text of texts) {
      const [bytes] = await all(db.copyOut("text")`select ${text} = any(${texts}) as found`);
      expect(Buffer.from(bytes!).toString()).toBe("t\n");
    }
    const [dates] = await all(
      db.copyOut("text")`select date '2025-08-12' = ${new Date("2025-08-12")}, ${null}::int is null, 7 = ${7}`,
    );
    expect(Buffer.from(dates!).toString()).toBe("t\tt\tt\n");
  });

  it("keeps nothing of bytes that break off, or do not fit", async () => {
    const half = async function* () {
      yield Buffer.from("n,name\n1,a\n2,");
      throw new Error("half a file");
    };
    await expect(db.copyInBytes("t", half())).rejects.toThrow("half a file");
    await expect(db.copyInBytes("t", [Buffer.from("n,name\n1,a\nx,b\n")])).rejects.toMatchObject({
      code: "SQL_FAILED",
    });
    await expect(db.copyInBytes("t", [], { format: "xml" as never })).rejects.toMatchObject({
      code: "COPY_FORMAT_UNKNOWN",
    });
    expect(await numbers()).toEqual([]);
  });

  it("can be left early", async () => {
    for await (const _ of db.copyOut("csv")`select * from generate_series(1, 10000000)`) break;
    expect(await numbers()).toEqual([]);
  });
});
