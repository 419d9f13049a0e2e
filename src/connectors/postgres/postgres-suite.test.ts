import { afterAll, beforeAll, expect, vi } from "vitest";
import { PostgresServer } from "../../../test/support/postgres-server.ts";
import { driverSuite } from "../sql/driver-suite.test-data.ts";

let server: PostgresServer;
let name = "";
beforeAll(async () => void (server = await PostgresServer.start()));
afterAll(() => server.stop());

driverSuite("PostgreSQL", {
  url: async () => {
    const made = await server.makeDatabase();
    name = made.name;
    return made.url;
  },
  endless: "select count(*) as n from generate_series(1, 100000000) a, generate_series(1, 100000000) b",
  ended: async () => {
    const running = () =>
      server.execute("postgres", `select 1 from pg_stat_activity where datname = '${name}' and state <> 'idle'`);
    await vi.waitFor(async () => expect(await running()).toEqual([]), { timeout: 10_000, interval: 20 });
  },
});
