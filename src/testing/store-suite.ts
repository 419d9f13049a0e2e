import { afterEach, beforeEach, describe } from "vitest";
import { commandFacts } from "./store-suite/command-facts.ts";
import { claimerFacts } from "./store-suite/claimer-facts.ts";
import { drawerFacts } from "./store-suite/drawer-facts.ts";
import { fencingFacts } from "./store-suite/fencing-facts.ts";
import { fleetFacts } from "./store-suite/fleet-facts.ts";
import { groupFacts } from "./store-suite/group-facts.ts";
import { modelFacts } from "./store-suite/model-facts.ts";
import { outputFacts } from "./store-suite/output-facts.ts";
import { readerFacts } from "./store-suite/reader-facts.ts";
import { retentionFacts } from "./store-suite/retention-facts.ts";
import { runFacts } from "./store-suite/run-facts.ts";
import { type StoreDatabase, StoreFixture } from "./store-suite/store-fixture.ts";
import { versionFacts } from "./store-suite/version-facts.ts";

export interface StoreSuiteOptions {
  /** Why several processes cannot work on this store at once: what it would then have to do is skipped. Default: they can. */
  readonly oneOwner?: string;
}

/** What every store must do, whatever the database. Runs once per store; `make` gives a fresh database to each test. */
export function storeSuite(
  name: string,
  make: () => Promise<StoreDatabase>,
  { oneOwner }: StoreSuiteOptions = {},
): void {
  describe(name, () => {
    const db = new StoreFixture(make);
    beforeEach(() => db.setUp());
    afterEach(() => db.tearDown());

    versionFacts(db);
    runFacts(db);
    groupFacts(db);
    fencingFacts(db);
    outputFacts(db);
    drawerFacts(db);
    readerFacts(db);
    commandFacts(db);
    retentionFacts(db);
    fleetFacts(db);
    describe.skipIf(oneOwner !== undefined)(oneOwner ?? "several processes", () => claimerFacts(db));
    modelFacts(db);
  });
}
