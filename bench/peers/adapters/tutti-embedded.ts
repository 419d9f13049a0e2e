import { join } from "node:path";
import { openSqliteStore } from "../../../src/store/sqlite/open-sqlite-store.ts";
import type { Contestant } from "../peer.ts";
import { ownVersion } from "../version.ts";
import { tuttiOver } from "../tutti-engine.ts";

export const tuttiEmbedded: Contestant = {
  title: "Tutti, embedded",
  version: ownVersion,
  needs: [],
  durability:
    "SQLite, WAL, synchronous FULL: a task starts when its claim is on disk, and what depends on it when its result is",
  tasksRun: "dispatched to child processes",
  crashLoses: "nothing; what ran begins again when the process is back",
  how: "As it ships, no setting changed. A chain is a workflow; a fan-out is a mapped task over the list that a first task makes (one task more than the others have) with a task that gets all results.",
  aheadBecause: "",
  sweep: [{}],
  setup: async (ground) => tuttiOver(await openSqliteStore({ path: join(ground.folder, "tutti.db") }), ground),
};
