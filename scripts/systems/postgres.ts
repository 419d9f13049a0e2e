import { PostgresServer } from "../../test/support/postgres-server.ts";
import type { System } from "../system.ts";

/** From npm, with `npm ci`: there is nothing to install. */
export const system: System = {
  title: "PostgreSQL",
  limits: { install: 1, start: 60 },
  async install() {},
  async start() {
    const server = await PostgresServer.start();
    const { url } = await server.makeDatabase();
    return { reach: { url }, stop: () => server.stop() };
  },
};
