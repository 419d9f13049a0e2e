import { accessContracts } from "./access-contracts.ts";
import { alertContracts } from "./alert-contracts.ts";
import { approvalContracts } from "./approval-contracts.ts";
import { backfillContracts } from "./backfill-contracts.ts";
import { eventContracts } from "./event-contracts.ts";
import { assetContracts } from "./asset-contracts.ts";
import { logContracts } from "./log-contracts.ts";
import { overviewContracts } from "./overview-contracts.ts";
import { poolContracts } from "./pool-contracts.ts";
import { runContracts } from "./run-contracts.ts";
import { secretContracts } from "./secret-contracts.ts";
import { serverContracts } from "./server-contracts.ts";
import { webhookContracts } from "./webhook-contracts.ts";
import { workflowContracts } from "./workflow-contracts.ts";

/** Everything that can be asked, by noun. A new noun is a file of contracts, its line here, and a file in `server/routes/`. */
export const CONTRACTS = {
  workflows: workflowContracts,
  runs: runContracts,
  backfills: backfillContracts,
  logs: logContracts,
  events: eventContracts,
  alerts: alertContracts,
  webhooks: webhookContracts,
  overview: overviewContracts,
  pools: poolContracts,
  approvals: approvalContracts,
  assets: assetContracts,
  secrets: secretContracts,
  access: accessContracts,
  server: serverContracts,
} as const;
