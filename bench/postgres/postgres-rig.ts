import { migratePostgres } from "../../src/store/postgres/open-postgres-store.ts";
import { PostgresServer } from "../../test/support/postgres-server.ts";
import type { Pair } from "../rig.ts";
import { Limit } from "../limit.ts";
import { PostgresLimitStore } from "../limit-postgres.ts";
import { openFleetBed } from "./fleet-bed.ts";

/** The limit and the fleet's process, each with a database of its own on one server, which shares their cores. */
export interface PostgresRig extends Pair {
  readonly server: PostgresServer;
}

export async function openPostgresRig(): Promise<PostgresRig> {
  const server = await PostgresServer.start({ durable: true });
  const limit = await Limit.open(await PostgresLimitStore.open((await server.makeDatabase()).url));
  const { url } = await server.makeDatabase();
  await migratePostgres({ url });
  return { server, limit, bed: await openFleetBed(url) };
}

export async function closePostgresRig({ server, limit, bed }: PostgresRig): Promise<void> {
  await Promise.all([limit.close(), bed.close()]);
  await server.stop();
}
