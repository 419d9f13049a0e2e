import type { Route } from "./handler.ts";
import { alertRoutes } from "./routes/alerts.ts";
import { approvalRoutes } from "./routes/approvals.ts";
import { artifactRoutes } from "./routes/artifacts.ts";
import { assetRoutes } from "./routes/assets.ts";
import { auditRoutes } from "./routes/audit.ts";
import { backfillRoutes } from "./routes/backfills.ts";
import { eventRoutes } from "./routes/events.ts";
import { graphRoutes } from "./routes/graph.ts";
import { gridRoutes } from "./routes/grid.ts";
import { liveRoutes } from "./routes/live.ts";
import { logRoutes } from "./routes/logs.ts";
import { controlRoutes } from "./routes/control.ts";
import { overviewRoutes } from "./routes/overview.ts";
import { oidcRoutes } from "./routes/oidc.ts";
import { poolRoutes } from "./routes/pools.ts";
import { runActRoutes } from "./routes/run-acts.ts";
import { runRoutes } from "./routes/runs.ts";
import { scheduleRoutes } from "./routes/schedules.ts";
import { secretRoutes } from "./routes/secrets.ts";
import { serverRoutes } from "./routes/server.ts";
import { sessionRoutes } from "./routes/session.ts";
import { timelineRoutes } from "./routes/timeline.ts";
import { tokenRoutes } from "./routes/tokens.ts";
import { userRoutes } from "./routes/users.ts";
import { webhookRoutes } from "./routes/webhooks.ts";
import { workflowRoutes } from "./routes/workflows.ts";

/** All routes; one file for each noun. */
export const ROUTES: readonly Route[] = [
  ...serverRoutes,
  ...liveRoutes,
  ...workflowRoutes,
  ...scheduleRoutes,
  ...gridRoutes,
  ...graphRoutes,
  ...runRoutes,
  ...runActRoutes,
  ...backfillRoutes,
  ...eventRoutes,
  ...alertRoutes,
  ...webhookRoutes,
  ...controlRoutes,
  ...poolRoutes,
  ...approvalRoutes,
  ...overviewRoutes,
  ...timelineRoutes,
  ...logRoutes,
  ...artifactRoutes,
  ...assetRoutes,
  ...secretRoutes,
  ...sessionRoutes,
  ...oidcRoutes,
  ...userRoutes,
  ...tokenRoutes,
  ...auditRoutes,
];
