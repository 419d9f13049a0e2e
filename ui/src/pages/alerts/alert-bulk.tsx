import type { Alert } from "../../api/alerts.ts";
import { queryClient } from "../../api/query-client.ts";
import { tutti } from "../../api/tutti.ts";
import { BulkBar } from "../../components/bulk/bulk-bar.tsx";
import type { BulkAct, Target } from "../../components/bulk/bulk-act.ts";
import type { Rows } from "../../components/bulk/use-rows.ts";

interface AlertBulkProps {
  readonly rows: Rows;
  readonly alerts: readonly Alert[];
  /** There are more than are shown, and nobody has counted them. */
  readonly matching?: null;
}

const PATH = "/api/alerts/bulk";
const ALL_FAILED = { act: "retry", selection: { state: ["failed"] } } as const;

/** What can be done with many alerts at once. */
export function AlertBulk({ rows, alerts, matching }: AlertBulkProps) {
  const failed = new Set(alerts.flatMap(({ id, state }) => (state === "failed" ? [String(id)] : [])));
  const body = (target: Target) =>
    target === "all"
      ? { ...ALL_FAILED, selection: { state: [...ALL_FAILED.selection.state] } }
      : { act: ALL_FAILED.act, ids: target.map(Number) };
  const again: BulkAct = {
    word: "Tell again",
    done: "told again",
    only: "that have failed",
    fits: (id) => failed.has(id),
    path: PATH,
    body,
    ask: async (target, dryRun) => {
      const answer = await tutti().post(PATH, { body: { ...body(target), dryRun } });
      if (!dryRun) void queryClient.invalidateQueries({ queryKey: ["alerts"] });
      return answer;
    },
  };
  return <BulkBar rows={rows} noun="alert" acts={[again]} {...(matching === undefined ? {} : { matching })} />;
}
