import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, it } from "vitest";
import { Client } from "pg";
import { z } from "zod";
import { PostgresServer } from "../../../test/support/postgres-server.ts";
import { setConnectionResolver } from "../../authoring/connection.ts";
import { Ear } from "./ear.ts";
import { type Heard, postgres } from "./index.ts";

let server: PostgresServer;
let database: { readonly name: string; readonly url: string };
let url = "";
let before: ReturnType<typeof setConnectionResolver>;
beforeAll(async () => {
  server = await PostgresServer.start();
  database = await server.makeDatabase();
});
afterAll(() => server.stop());
beforeEach(() => {
  url = database.url;
  before = setConnectionResolver(() => url);
});
afterEach(() => void setConnectionResolver(before));

const db = postgres("db");
const notify = (channel: string, payload: string) => db.execute`select pg_notify(${channel}, ${payload})`;
const listeners = async (): Promise<number> =>
  (
    await server.execute<{ pid: number }>(
      "postgres",
      `select pid from pg_stat_activity where datname = '${database.name}' and query like 'listen %'`,
    )
  ).length;
const nobodyListens = () => expect.poll(listeners, { timeout: 10_000 }).toBe(0);
const takes = <T>(heard: AsyncIterable<Heard<T>>) => {
  const items = heard[Symbol.asyncIterator]();
  return {
    next: async (): Promise<Heard<T>> => (await items.next()).value as Heard<T>,
    leave: async () => void (await items.return?.()),
  };
};
const said = <T>(payload: T): Heard<T> => ({ kind: "notification", payload });

describe("listen", { timeout: 60_000 }, () => {
  it("begins with a gap, hears what is notified from then on in its order, and ends its connection with the loop", async () => {
    const orders = takes(db.listen('Orders "new"'));
    expect(await orders.next()).toEqual({ kind: "gap", reason: "started" });
    for (const n of [1, 2, 3]) await notify('Orders "new"', `${n}`);
    await notify("other", "not ours");
    await notify('Orders "new"', "");
    for (const text of ["1", "2", "3", ""]) expect(await orders.next()).toEqual(said(text));
    expect(await listeners()).toBe(1);
    await orders.leave();
    await nobodyListens();
  });

  it("hears of a transaction when it commits, and not of one that is undone", async () => {
    const orders = takes(db.listen("orders"));
    await orders.next();
    await expect(
      db.transaction(async (tx) => {
        await tx.execute`select pg_notify('orders', 'undone')`;
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    await notify("orders", "done");
    expect(await orders.next()).toEqual(said("done"));
    await orders.leave();
  });

  it("makes its connection again when it breaks, and says that something may have been missed", async () => {
    const orders = takes(db.listen("orders"));
    await orders.next();
    await notify("orders", "before");
    const next = [orders.next(), orders.next()];
    expect(await next[0]).toEqual(said("before"));
    await server.crash(300);
    expect(await next[1]).toEqual({ kind: "gap", reason: "reconnected" });
    await notify("orders", "after");
    expect(await orders.next()).toEqual(said("after"));
    await server.execute(
      "postgres",
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database.name}' and query like 'listen %'`,
    );
    expect(await orders.next()).toEqual({ kind: "gap", reason: "reconnected" });
    await orders.leave();
  });

  it("an outbox table is read without a hole: at each gap, and when there is more", async () => {
    await db.execute`create table outbox (id bigint generated always as identity, sku text)`;
    const add = (sku: string) =>
      db.transaction(async (tx) => {
        await tx.execute`insert into outbox (sku) values (${sku})`;
        await tx.execute`select pg_notify('outbox', '')`;
      });
    await add("earlier");
    const taken: string[] = [];
    let cursor = 0;
    const take = async () => {
      for (const { id, sku } of await db.query<{ id: number; sku: string }>`
        select * from outbox where id > ${cursor} order by id`) {
        taken.push(sku);
        cursor = id;
      }
    };
    const stop = new AbortController();
    const working = (async () => {
      for await (const _ of db.with({ signal: stop.signal }).listen("outbox")) await take();
    })();
    await expect.poll(() => taken, { timeout: 10_000 }).toEqual(["earlier"]);
    await add("a");
    await expect.poll(() => taken, { timeout: 10_000 }).toEqual(["earlier", "a"]);
    await server.crash();
    await add("b");
    await expect.poll(() => taken, { timeout: 10_000 }).toEqual(["earlier", "a", "b"]);
    stop.abort(new Error("enough"));
    await expect(working).rejects.toThrow("enough");
    await nobodyListens();
  });

  it("misses nothing while it is taken, however fast it comes", async () => {
    const orders = takes(db.listen("flood"));
    await orders.next();
    const taken: Heard<string>[] = [];
    const taking = (async () => {
      while (taken.length < 30_000) taken.push(await orders.next());
    })();
    await db.execute`select pg_notify('flood', n::text) from generate_series(1, 30000) n`;
    await taking;
    expect(taken).toEqual(Array.from({ length: 30_000 }, (_, at) => said(`${at + 1}`)));
    await orders.leave();
  });

  it("gives up what nobody takes for one word that says so", async () => {
    const client = new Client(url);
    await client.connect();
    const ear = new Ear(client, "flood", { connection: "db", signal: null });
    await ear.open();
    const { promise: allCame, resolve } = Promise.withResolvers<void>();
    client.on("notification", ({ payload }) => payload === "last" && resolve());
    await db.execute`select pg_notify('flood', n::text) from generate_series(1, 10001) n`;
    await notify("flood", "last");
    await allCame;
    expect(await ear.next()).toEqual({ kind: "overflowed" });
    expect(await ear.next()).toEqual(said("last"));
    ear.close();
  });

  it("payloads have the type of their schema; one that does not fit is refused without showing it", async () => {
    const heard = db.listen("typed", { payload: z.object({ id: z.number(), to: z.string().optional() }) });
    expectTypeOf(heard).toEqualTypeOf<AsyncIterable<Heard<{ id: number; to?: string | undefined }>>>();
    const typed = takes(heard);
    await typed.next();
    await notify("typed", '{"id":7}');
    expect(await typed.next()).toEqual(said({ id: 7 }));
    await notify("typed", '{"id":"hunter2"}');
    const error: unknown = await typed.next().catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "NOTIFICATION_REFUSED", message: expect.stringContaining("id: ") });
    expect(String(error)).not.toContain("hunter2");
    const next = takes(db.listen("typed", { payload: z.number() }));
    await next.next();
    await notify("typed", "hunter2");
    await expect(next.next()).rejects.toMatchObject({ code: "NOTIFICATION_REFUSED" });
    await nobodyListens();
  });

  it("fails when the server stays away for longer than its patience, and at once when it may not come in any more", async () => {
    const other = await PostgresServer.start();
    url = (await other.makeDatabase()).url;
    const orders = takes(db.listen("orders", { patience: "100ms" }));
    await orders.next();
    await other.stop();
    await expect(orders.next()).rejects.toMatchObject({ code: "CONNECTION_FAILED" });

    await server.execute("postgres", "create role guest login password 'guest'");
    url = server.url(database.name, { user: "guest", password: "guest" });
    const guest = takes(db.listen("orders", { patience: "1h" }));
    await guest.next();
    await server.execute("postgres", "alter role guest password 'other'");
    await server.execute("postgres", "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'guest'");
    await expect(guest.next()).rejects.toMatchObject({
      code: "CONNECTION_FAILED",
      message: expect.stringContaining("Is the password in its URL right?"),
    });
  });

  it.each(["", "x".repeat(64), "ü".repeat(32), "a\0b", 7 as never])("%j is no channel", async (channel) => {
    await expect(takes(db.listen(channel)).next()).rejects.toMatchObject({ code: "BAD_CHANNEL" });
  });

  it("a wrong password is said when it begins", async () => {
    url = server.url(database.name, { password: "hunter2" });
    const error: unknown = await takes(db.listen("orders"))
      .next()
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "CONNECTION_FAILED" });
    expect(String(error)).not.toContain("hunter2");
  });
});
