import { afterEach, beforeEach, describe } from "vitest";
import { accessFacts } from "./store-suite/access-facts.ts";
import { approvalFacts } from "./store-suite/approval-facts.ts";
import { assetFacts } from "./store-suite/asset-facts.ts";
import { backfillFacts } from "./store-suite/backfill-facts.ts";
import { backfillRunFacts } from "./store-suite/backfill-run-facts.ts";
import { alertFacts, lostSchedulerFacts } from "./store-suite/alert-facts.ts";
import { commandFacts } from "./store-suite/command-facts.ts";
import { cacheFacts } from "./store-suite/cache-facts.ts";
import { callFacts } from "./store-suite/call-facts.ts";
import { claimerFacts } from "./store-suite/claimer-facts.ts";
import { deploymentFacts } from "./store-suite/deployment-facts.ts";
import { drawerFacts } from "./store-suite/drawer-facts.ts";
import { eventFacts } from "./store-suite/event-facts.ts";
import { eventListFacts } from "./store-suite/event-list-facts.ts";
import { fencingFacts } from "./store-suite/fencing-facts.ts";
import { fleetFacts } from "./store-suite/fleet-facts.ts";
import { flowFacts } from "./store-suite/flow-facts.ts";
import { limitClaimerFacts, limitFacts } from "./store-suite/limit-facts.ts";
import { groupFacts } from "./store-suite/group-facts.ts";
import { modelFacts } from "./store-suite/model-facts.ts";
import { outputFacts } from "./store-suite/output-facts.ts";
import { partitionFacts } from "./store-suite/partition-facts.ts";
import { processFacts } from "./store-suite/process-facts.ts";
import { readerFacts } from "./store-suite/reader-facts.ts";
import { retentionFacts } from "./store-suite/retention-facts.ts";
import { runFacts } from "./store-suite/run-facts.ts";
import { scheduleFacts } from "./store-suite/schedule-facts.ts";
import { type StoreDatabase, StoreFixture } from "./store-suite/store-fixture.ts";
import { secretDeliveryFacts } from "./store-suite/secret-delivery-facts.ts";
import { secretFacts } from "./store-suite/secret-facts.ts";
import { versionFacts } from "./store-suite/version-facts.ts";
import { waitingFacts } from "./store-suite/waiting-facts.ts";
import { webhookFacts } from "./store-suite/webhook-facts.ts";
import { workerFacts } from "./store-suite/worker-facts.ts";

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
    deploymentFacts(db);
    runFacts(db);
    groupFacts(db);
    fencingFacts(db);
    outputFacts(db);
    drawerFacts(db);
    waitingFacts(db);
    flowFacts(db);
    callFacts(db);
    cacheFacts(db);
    approvalFacts(db);
    readerFacts(db);
    commandFacts(db);
    retentionFacts(db);
    fleetFacts(db);
    processFacts(db);
    scheduleFacts(db);
    backfillFacts(db);
    backfillRunFacts(db);
    partitionFacts(db);
    accessFacts(db);
    alertFacts(db);
    eventFacts(db);
    eventListFacts(db);
    limitFacts(db);
    assetFacts(db);
    secretFacts(db);
    webhookFacts(db);
    describe.skipIf(oneOwner !== undefined)(oneOwner ?? "several processes", () => {
      claimerFacts(db);
      workerFacts(db);
      secretDeliveryFacts(db);
      lostSchedulerFacts(db);
      limitClaimerFacts(db);
    });
    modelFacts(db);
  });
}
