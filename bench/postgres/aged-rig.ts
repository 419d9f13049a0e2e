import { migratePostgres } from "../../src/store/postgres/open-postgres-store.ts";
import { PostgresServer } from "../../test/support/postgres-server.ts";
import type { Bed } from "../bed.ts";
import { openFleetBed } from "./fleet-bed.ts";

/** What a busy hour of a small fleet leaves behind, without its pauses. */
const CHURN_RUNS = 36_000;
const AT_ONCE = 1_000;

/** Two processes of a fleet, each with a database of its own on one server: a new one, and one with a long history and an hour of work behind it. */
export interface AgedRig {
  readonly server: PostgresServer;
  readonly bed: Bed;
  readonly old: Bed;
  readonly oldDatabase: string;
  readonly history: number;
}

export async function openAgedRig(history: number): Promise<AgedRig> {
  const server = await PostgresServer.start({ durable: true });
  const [young, aged] = [await server.makeDatabase(), await server.makeDatabase()];
  for (const { url } of [young, aged]) await migratePostgres({ url });
  const bed = await openFleetBed(young.url);
  const old = await openFleetBed(aged.url, { history });
  for (let runs = 0; runs < CHURN_RUNS; runs += AT_ONCE) await old.run("ten", AT_ONCE);
  return { server, bed, old, oldDatabase: aged.name, history };
}

export async function closeAgedRig({ server, bed, old }: AgedRig): Promise<void> {
  await Promise.all([bed.close(), old.close()]);
  await server.stop();
}
