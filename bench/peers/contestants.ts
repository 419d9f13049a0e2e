import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Contestant } from "./peer.ts";
import { hasTemporal } from "./temporal-server.ts";
import { hasPython } from "./python.ts";

export interface Entry {
  /** Loaded when it is its turn: a visit's process holds the code of one system only. */
  readonly load: () => Promise<Contestant>;
  /** The others take a second for a task, and are measured with less of them. Default: true. */
  readonly fullSize?: boolean;
  /** Its package or program is there. Default: always, because the lockfile names it. */
  readonly isThere?: () => boolean;
}

/** In the order of the tables. */
export const CONTESTANTS: Readonly<Record<string, Entry>> = {
  "tutti-embedded": { load: async () => (await import("./adapters/tutti-embedded.ts")).tuttiEmbedded },
  "tutti-postgres": { load: async () => (await import("./adapters/tutti-postgres.ts")).tuttiPostgres },
  "bullmq-everysec": { load: async () => (await import("./adapters/bullmq.ts")).everySecond },
  "bullmq-always": { load: async () => (await import("./adapters/bullmq.ts")).always },
  dbos: { load: async () => (await import("./adapters/dbos.ts")).dbos },
  "openworkflow-sqlite": { load: async () => (await import("./adapters/openworkflow.ts")).onSqlite },
  "openworkflow-postgres": { load: async () => (await import("./adapters/openworkflow.ts")).onPostgres },
  "graphile-worker": { load: async () => (await import("./adapters/graphile-worker.ts")).graphileWorker },
  "pg-boss": { load: async () => (await import("./adapters/pg-boss.ts")).oneByOne },
  "pg-boss-batches": { load: async () => (await import("./adapters/pg-boss.ts")).inBatches },
  temporal: {
    load: async () => (await import("./adapters/temporal.ts")).temporal,
    isThere: () => hasTemporal() && existsSync(join(import.meta.dirname, "node_modules/@temporalio/worker")),
  },
  airflow: {
    load: async () => (await import("./adapters/airflow.ts")).airflow,
    fullSize: false,
    isThere: () => hasPython("apache-airflow"),
  },
  dagster: {
    load: async () => (await import("./adapters/dagster.ts")).dagster,
    fullSize: false,
    isThere: () => hasPython("dagster"),
  },
  prefect: {
    load: async () => (await import("./adapters/prefect.ts")).prefect,
    fullSize: false,
    isThere: () => hasPython("prefect"),
  },
};

export const contestantOf = (system: string): Promise<Contestant> => CONTESTANTS[system]!.load();
