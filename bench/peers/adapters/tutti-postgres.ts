import {
  migratePostgres,
  openPostgresStore,
  openPostgresWakeUps,
} from "../../../src/store/postgres/open-postgres-store.ts";
import type { Contestant } from "../peer.ts";
import { tuttiOver } from "../tutti-engine.ts";
import { ownVersion } from "../version.ts";

export const tuttiPostgres: Contestant = {
  title: "Tutti on PostgreSQL",
  version: ownVersion,
  needs: ["postgres"],
  durability:
    "PostgreSQL, fsync on, synchronous_commit on: a task starts when its claim is on disk, and what depends on it when its result is",
  tasksRun: "dispatched to child processes",
  crashLoses: "nothing; another scheduler takes the runs over after 3.5 s, another worker the tasks after 10 s",
  how: "The same workflows in one process that is scheduler and worker, with the leases and wake-ups that several need. No setting changed.",
  aheadBecause: "",
  sweep: [{}],
  setup: async (ground) => {
    const url = ground.postgresUrl;
    await migratePostgres({ url });
    return tuttiOver(await openPostgresStore({ url }), ground, await openPostgresWakeUps({ url }));
  },
};
