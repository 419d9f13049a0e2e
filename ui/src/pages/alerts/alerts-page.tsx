import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { ALERT_STATES } from "../../../../src/core/alert-plan.ts";
import { type Alert, alertsQuery } from "../../api/alerts.ts";
import { Button } from "../../components/button.tsx";
import { CommandStrip, curlText } from "../../components/command-strip.tsx";
import { Empty } from "../../components/empty.tsx";
import { Head } from "../../components/head.tsx";
import { useRows } from "../../components/bulk/use-rows.ts";
import { AlertBulk } from "./alert-bulk.tsx";
import { AlertTable } from "./alert-table.tsx";

const route = getRouteApi("/alerts");

/** Who was told of what, and who could not be told? */
export function AlertsPage() {
  const { state } = route.useSearch();
  const navigate = useNavigate({ from: "/alerts" });
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(alertsQuery(state));
  const alerts = data?.pages.flatMap(({ items }) => items) ?? [];
  const rows = useRows(
    alerts.map(({ id }) => String(id)),
    state ?? "",
  );
  return (
    <>
      <Head title="Alerts" facts={<span>what people were told, newest first</span>} />
      <div className="filters">
        <label>
          state{" "}
          <select
            value={state ?? ""}
            onChange={({ target }) =>
              void navigate({ search: { state: (target.value || undefined) as Alert["state"] | undefined } })
            }
          >
            <option value="">any</option>
            {ALERT_STATES.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      </div>
      {data !== undefined && alerts.length === 0 ? (
        <Empty>
          Nobody was told of anything. A workflow with <code>onFailure</code> tells somebody; <code>alerts</code> in the
          configuration tells the same people of all workflows.
        </Empty>
      ) : (
        <AlertTable alerts={alerts} rows={rows} />
      )}
      {hasNextPage && (
        <p className="more">
          <Button busy={isFetchingNextPage} onPress={() => void fetchNextPage()}>
            Older
          </Button>
        </p>
      )}
      <AlertBulk rows={rows} alerts={alerts} {...(hasNextPage ? { matching: null } : {})} />
      <CommandStrip
        cli="tutti alerts"
        curl={curlText("GET", `/api/alerts${state === undefined ? "" : `?state=${state}`}`)}
      />
    </>
  );
}
