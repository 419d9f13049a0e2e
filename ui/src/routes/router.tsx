import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { NotThere } from "../components/not-there.tsx";
import { PageError } from "../components/page-error.tsx";
import { Shell } from "../components/shell/shell.tsx";
import {
  alertsSearch,
  approvalsSearch,
  assetSearch,
  assetsSearch,
  eventsSearch,
  compareSearch,
  gridSearch,
  graphSearch,
  logsSearch,
  runSearch,
  runsSearch,
  startSearch,
  backfillSearch,
  whySearch,
  workflowsSearch,
} from "./search.ts";

/** Every page has an address, and everything on it that somebody could want to show to somebody else is in it. */
const root = createRootRoute({ component: Shell, notFoundComponent: NotThere, errorComponent: PageError });

/** Between two, where a browser does not say when it is idle. */
const IDLE_MS = 200;

const under = { getParentRoute: () => root };

const routes = [
  createRoute({
    ...under,
    path: "/",
    component: lazyRouteComponent(() => import("../pages/home/home-page.tsx"), "HomePage"),
  }),
  createRoute({
    ...under,
    path: "/workflows",
    validateSearch: workflowsSearch,
    component: lazyRouteComponent(() => import("../pages/workflows/workflows-page.tsx"), "WorkflowsPage"),
  }),
  createRoute({
    ...under,
    path: "/workflows/$workflow",
    validateSearch: gridSearch,
    component: lazyRouteComponent(() => import("../pages/workflow/grid-page.tsx"), "GridPage"),
  }),
  createRoute({
    ...under,
    path: "/workflows/$workflow/graph",
    validateSearch: graphSearch,
    component: lazyRouteComponent(() => import("../pages/workflow/graph-page.tsx"), "GraphPage"),
  }),
  createRoute({
    ...under,
    path: "/workflows/$workflow/code",
    validateSearch: graphSearch,
    component: lazyRouteComponent(() => import("../pages/workflow/code-page.tsx"), "CodePage"),
  }),
  createRoute({
    ...under,
    path: "/workflows/$workflow/backfills",
    validateSearch: backfillSearch,
    component: lazyRouteComponent(() => import("../pages/backfill/calendar-page.tsx"), "CalendarPage"),
  }),
  createRoute({
    ...under,
    path: "/workflows/$workflow/start",
    validateSearch: startSearch,
    component: lazyRouteComponent(() => import("../pages/start/start-page.tsx"), "StartPage"),
  }),
  createRoute({
    ...under,
    path: "/runs",
    validateSearch: runsSearch,
    component: lazyRouteComponent(() => import("../pages/runs/runs-page.tsx"), "RunsPage"),
  }),
  createRoute({
    ...under,
    path: "/runs/$run",
    validateSearch: runSearch,
    component: lazyRouteComponent(() => import("../pages/run/waterfall-page.tsx"), "WaterfallPage"),
  }),
  createRoute({
    ...under,
    path: "/runs/$run/graph",
    validateSearch: runSearch,
    component: lazyRouteComponent(() => import("../pages/run/run-graph-page.tsx"), "RunGraphPage"),
  }),
  createRoute({
    ...under,
    path: "/runs/$run/values",
    validateSearch: runSearch,
    component: lazyRouteComponent(() => import("../pages/run/values-page.tsx"), "ValuesPage"),
  }),
  createRoute({
    ...under,
    path: "/runs/$run/events",
    validateSearch: runSearch,
    component: lazyRouteComponent(() => import("../pages/run/events-page.tsx"), "EventsPage"),
  }),
  createRoute({
    ...under,
    path: "/runs/$run/why",
    validateSearch: whySearch,
    component: lazyRouteComponent(() => import("../pages/why/why-page.tsx"), "WhyPage"),
  }),
  createRoute({
    ...under,
    path: "/compare",
    validateSearch: compareSearch,
    component: lazyRouteComponent(() => import("../pages/compare/compare-page.tsx"), "ComparePage"),
  }),
  createRoute({
    ...under,
    path: "/backfills",
    component: lazyRouteComponent(() => import("../pages/backfill/backfills-page.tsx"), "BackfillsPage"),
  }),
  createRoute({
    ...under,
    path: "/alerts",
    validateSearch: alertsSearch,
    component: lazyRouteComponent(() => import("../pages/alerts/alerts-page.tsx"), "AlertsPage"),
  }),
  createRoute({
    ...under,
    path: "/approvals",
    validateSearch: approvalsSearch,
    component: lazyRouteComponent(() => import("../pages/approvals/approvals-page.tsx"), "ApprovalsPage"),
  }),
  createRoute({
    ...under,
    path: "/assets",
    validateSearch: assetsSearch,
    component: lazyRouteComponent(() => import("../pages/assets/assets-page.tsx"), "AssetsPage"),
  }),
  createRoute({
    ...under,
    path: "/assets/$asset",
    validateSearch: assetSearch,
    component: lazyRouteComponent(() => import("../pages/assets/asset-page.tsx"), "AssetPage"),
  }),
  createRoute({
    ...under,
    path: "/events",
    validateSearch: eventsSearch,
    component: lazyRouteComponent(() => import("../pages/events/events-page.tsx"), "HappenedPage"),
  }),
  createRoute({
    ...under,
    path: "/schedules",
    component: lazyRouteComponent(() => import("../pages/schedules/schedules-page.tsx"), "SchedulesPage"),
  }),
  createRoute({
    ...under,
    path: "/logs",
    validateSearch: logsSearch,
    component: lazyRouteComponent(() => import("../pages/logs/logs-page.tsx"), "LogsPage"),
  }),
  createRoute({
    ...under,
    path: "/ops",
    component: lazyRouteComponent(() => import("../pages/ops/ops-page.tsx"), "OpsPage"),
  }),
  createRoute({
    ...under,
    path: "/settings",
    component: lazyRouteComponent(() => import("../pages/settings/settings-page.tsx"), "SettingsPage"),
  }),
] as const;

export const router = createRouter({
  routeTree: root.addChildren(routes),
  defaultPreload: "intent",
  // Within the frame: whoever sees it can go elsewhere.
  defaultErrorComponent: PageError,
  scrollRestoration: true,
});

/** Brings all other pages while there is nothing else to do: one that is opened while the server is away is there, too. */
export async function bringPages(): Promise<void> {
  for (const { options } of routes) {
    await new Promise<unknown>((resolve) =>
      typeof requestIdleCallback === "undefined" ? setTimeout(resolve, IDLE_MS) : requestIdleCallback(resolve),
    );
    await options.component?.preload?.();
  }
}

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
