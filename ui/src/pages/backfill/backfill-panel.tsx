import type { WorkflowDetail } from "../../api/workflows.ts";
import { BackfillForm } from "./backfill-form.tsx";
import type { Painted } from "./calendar.tsx";

interface BackfillPanelProps {
  readonly workflow: WorkflowDetail;
  readonly schedule: string;
  readonly painted: Painted | null;
}

/** What is to be done with the painted range. */
export const BackfillPanel = ({ workflow, schedule, painted }: BackfillPanelProps) => (
  <aside className="side" aria-label="Backfill">
    {painted === null ? (
      <p className="dim">
        Paint a range, or press a month: what is missing in it can be run, what failed run again. A double click opens
        the run of a day.
      </p>
    ) : (
      <BackfillForm workflow={workflow} schedule={schedule} painted={painted} />
    )}
  </aside>
);
