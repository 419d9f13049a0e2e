import { Link } from "@tanstack/react-router";
import type { Alert } from "../../api/alerts.ts";
import { queryClient } from "../../api/query-client.ts";
import { tutti } from "../../api/tutti.ts";
import { useAct } from "../../components/act.ts";
import { ChooseAllBox, ChooseBox, RowOutcome } from "../../components/bulk/choose-box.tsx";
import { rowClass, type Rows } from "../../components/bulk/use-rows.ts";
import { Button } from "../../components/button.tsx";
import { StateWord } from "../../components/mark.tsx";
import { Moment } from "../../components/moment.tsx";
import type { MarkName } from "../../words/state.ts";

const MARKS: Readonly<Record<Alert["state"], MarkName>> = {
  waiting: "queued",
  trying: "up_for_retry",
  delivered: "succeeded",
  failed: "failed",
};

/** A line an alert. */
export const AlertTable = ({ alerts, rows }: { readonly alerts: readonly Alert[]; readonly rows: Rows }) => (
  <table>
    <thead>
      <tr>
        {rows.mayAct && (
          <th className="ch">
            <ChooseAllBox rows={rows} of="alerts" />
          </th>
        )}
        <th>state</th>
        <th>what</th>
        <th className="wide">to</th>
        <th>at</th>
        <th>
          <span className="out">acts</span>
        </th>
      </tr>
    </thead>
    <tbody>
      {alerts.map((alert) => (
        <Row key={alert.id} alert={alert} rows={rows} />
      ))}
    </tbody>
  </table>
);

function Row({ alert, rows }: { readonly alert: Alert; readonly rows: Rows }) {
  const { id, state, event, workflow, task, runId, count, receiver, at, tries, error, lastError } = alert;
  const retry = useAct({
    needs: "operator",
    act: () => tutti().post("/api/alerts/{alert}/retry", { params: { alert: String(id) } }),
    say: () => `"${receiver}" is told again.`,
    after: () => void queryClient.invalidateQueries({ queryKey: ["alerts"] }),
  });
  return (
    <tr className={rowClass(false, rows.chosen.has(String(id)))}>
      {rows.mayAct && (
        <td className="ch">
          <ChooseBox rows={rows} id={String(id)} name={`${event} of ${workflow} to ${receiver}`} />
        </td>
      )}
      <td>
        <StateWord state={MARKS[state]}>{state}</StateWord>
        {tries > 1 && <span className="faint"> {tries} tries</span>}
        <RowOutcome rows={rows} id={String(id)} />
      </td>
      <td className="wrap">
        {runId === null ? (
          <b>{workflow}</b>
        ) : (
          <Link to="/runs/$run" params={{ run: runId }} search={{ task: task ?? undefined }}>
            <b>{workflow}</b>
            {task !== null && ` / ${task}`}
          </Link>
        )}{" "}
        <span className="dim">{event}</span>
        {count > 1 && <span className="faint"> × {count}</span>}
        {error !== null && <p className="err wrap">{error.message.split("\n")[0]}</p>}
      </td>
      <td className="wide wrap">
        {receiver}
        {lastError !== null && <p className="err">{lastError.message.split("\n")[0]}</p>}
      </td>
      <td className="nowrap">
        <Moment at={at} />
      </td>
      <td className="num">
        {state === "failed" && (
          <Button small busy={retry.busy} refusal={retry.refusal} onPress={retry.run}>
            Tell again
          </Button>
        )}
      </td>
    </tr>
  );
}
