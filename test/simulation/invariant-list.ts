import type { Outcomes } from "../support/model-run.ts";
import type { Invariant } from "./invariant.ts";
import { AttemptsAreHistory } from "./invariants/attempts-are-history.ts";
import { ClaimedBeforeStarted } from "./invariants/claimed-before-started.ts";
import { CountersEqualRows } from "./invariants/counters-equal-rows.ts";
import { EndEqualsModel } from "./invariants/end-equals-model.ts";
import { InputsAreDurable } from "./invariants/inputs-are-durable.ts";
import { LoadingDecidesNothing } from "./invariants/loading-decides-nothing.ts";
import { NoLossWithoutAStart } from "./invariants/no-loss-without-a-start.ts";
import { NothingFinishedRunsAgain } from "./invariants/nothing-finished-runs-again.ts";
import { OneClaimHolds } from "./invariants/one-claim-holds.ts";
import { OneIdempotencyKey } from "./invariants/one-idempotency-key.ts";
import { ResourcesAreTakenDown } from "./invariants/resources-are-taken-down.ts";
import { RevisionRises } from "./invariants/revision-rises.ts";
import { SlotsHold } from "./invariants/slots-hold.ts";
import { StepsFollowTheTables } from "./invariants/steps-follow-the-tables.ts";
import { TheGraphAllows } from "./invariants/the-graph-allows.ts";
import { WaitsAreServed } from "./invariants/waits-are-served.ts";

/** All of them, fresh for one world. */
export const invariants = ({ outcomes }: { readonly outcomes: Outcomes }): readonly Invariant[] => [
  new NothingFinishedRunsAgain(),
  new ClaimedBeforeStarted(),
  new TheGraphAllows(),
  new InputsAreDurable(),
  new OneClaimHolds(),
  new StepsFollowTheTables(),
  new WaitsAreServed(),
  new ResourcesAreTakenDown(),
  new RevisionRises(),
  new SlotsHold(),
  new CountersEqualRows(),
  new AttemptsAreHistory(),
  new NoLossWithoutAStart(),
  new OneIdempotencyKey(),
  new LoadingDecidesNothing(),
  new EndEqualsModel(outcomes),
];
