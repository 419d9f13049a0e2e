import type { Backfill } from "../../api/backfills.ts";
import { queryClient } from "../../api/query-client.ts";
import { tutti } from "../../api/tutti.ts";
import { BulkBar } from "../../components/bulk/bulk-bar.tsx";
import type { BulkAct, Target } from "../../components/bulk/bulk-act.ts";
import type { Rows } from "../../components/bulk/use-rows.ts";

interface BackfillBulkProps {
  readonly rows: Rows;
  readonly backfills: readonly Backfill[];
}

const PATH = "/api/backfills/bulk";
const ACTS = {
  pause: { word: "Pause", done: "paused", only: "that are at work", of: ["running"] },
  resume: { word: "Resume", done: "resumed", only: "that are paused", of: ["paused"] },
  cancel: { word: "Cancel", done: "cancelled", only: "that have not ended", of: ["running", "paused"] },
} as const;

/** What can be done with many backfills at once. */
export function BackfillBulk({ rows, backfills }: BackfillBulkProps) {
  const states = new Map(backfills.map(({ id, state }) => [id, state]));
  const acts = (["pause", "resume", "cancel"] as const).map((act): BulkAct => {
    const { of, ...words } = ACTS[act];
    const body = (target: Target) => ({ act, ids: target === "all" ? [...rows.shown] : [...target] });
    return {
      ...words,
      fits: (id) => (of as readonly (string | undefined)[]).includes(states.get(id)),
      path: PATH,
      body,
      ask: async (target, dryRun) => {
        const answer = await tutti().post(PATH, { body: { ...body(target), dryRun } });
        if (!dryRun) void queryClient.invalidateQueries({ queryKey: ["backfills"] });
        return answer;
      },
    };
  });
  return <BulkBar rows={rows} noun="backfill" acts={acts} />;
}
