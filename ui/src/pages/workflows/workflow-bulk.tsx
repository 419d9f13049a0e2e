import { tutti } from "../../api/tutti.ts";
import type { Workflow } from "../../api/workflows.ts";
import { BulkBar } from "../../components/bulk/bulk-bar.tsx";
import type { BulkAct, Target } from "../../components/bulk/bulk-act.ts";
import type { Rows } from "../../components/bulk/use-rows.ts";

interface WorkflowBulkProps {
  readonly rows: Rows;
  readonly workflows: readonly Workflow[];
}

const PATH = "/api/workflows/bulk";
const ACTS = {
  pause: { word: "Pause", done: "paused", only: "that are not paused" },
  unpause: { word: "Unpause", done: "unpaused", only: "that are paused" },
} as const;

/** What can be done with many workflows at once. */
export function WorkflowBulk({ rows, workflows }: WorkflowBulkProps) {
  const paused = new Map(workflows.map((workflow) => [workflow.name, workflow.paused !== null]));
  const acts = (["pause", "unpause"] as const).map((act): BulkAct => {
    // All of them are here: there is no filter that stands for more.
    const body = (target: Target) => ({ act, names: target === "all" ? [...rows.shown] : [...target] });
    return {
      ...ACTS[act],
      fits: (name) => paused.get(name) === (act === "unpause"),
      path: PATH,
      body,
      ask: (target, dryRun) => tutti().post(PATH, { body: { ...body(target), dryRun } }),
    };
  });
  return <BulkBar rows={rows} noun="workflow" acts={acts} />;
}
