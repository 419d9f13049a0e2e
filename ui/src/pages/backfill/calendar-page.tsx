import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { type WorkflowDetail, windowsQuery } from "../../api/workflows.ts";
import { monthsOf } from "../../calendar/months.ts";
import { Empty } from "../../components/empty.tsx";
import { Mark } from "../../components/mark.tsx";
import { WorkflowFrame } from "../workflow/workflow-frame.tsx";
import { BackfillPanel } from "./backfill-panel.tsx";
import { BackfillsInProgress } from "./backfills-in-progress.tsx";
import { Calendar } from "./calendar.tsx";
import "../../styles/calendar.css";

const route = getRouteApi("/workflows/$workflow/backfills");

/** Fill or redo this range. */
export function CalendarPage() {
  const { workflow } = route.useParams();
  return (
    <WorkflowFrame name={workflow} tab="/workflows/$workflow/backfills">
      {(detail) =>
        detail.manifest.schedules.length === 0 ? (
          <Empty>It has no schedule, so there are no windows to fill.</Empty>
        ) : (
          <Calendars workflow={detail} />
        )
      }
    </WorkflowFrame>
  );
}

function Calendars({ workflow }: { readonly workflow: WorkflowDetail }) {
  const { manifest, name } = workflow;
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/workflows/$workflow/backfills" });
  const set = (change: Partial<typeof search>): void =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  const schedule = manifest.schedules.find((each) => each.name === search.schedule) ?? manifest.schedules[0]!;
  const zone = "timezone" in schedule && schedule.timezone !== undefined ? schedule.timezone : "UTC";
  const today = localDate(zone);
  const { data: newest } = useQuery(windowsQuery(name, schedule.name, addYears(today, -20), today));
  const lastYear = Number((newest?.at(-1)?.start ?? today).slice(0, 4));
  const year = search.year ?? lastYear;
  const years = yearsOf(manifest.start, Number(today.slice(0, 4)), newest?.[0]?.start);
  const { data: windows } = useQuery(windowsQuery(name, schedule.name, `${year}-01-01`, `${year + 1}-01-01`));
  const months = useMemo(
    () => monthsOf({ windows: windows ?? [], year, start: manifest.start, end: manifest.end, today }),
    [windows, year, manifest, today],
  );
  const painted = search.from !== undefined && search.to !== undefined ? { from: search.from, to: search.to } : null;
  if (newest === undefined || windows === undefined) return null;
  return (
    <div className="split bsplit">
      <div>
        <div className="filters">
          <span>{zone}</span>
          {manifest.schedules.length > 1 && (
            <label>
              schedule{" "}
              <select value={schedule.name} onChange={({ target }) => set({ schedule: target.value })}>
                {manifest.schedules.map((each) => (
                  <option key={each.name}>{each.name}</option>
                ))}
              </select>
            </label>
          )}
          <span className="r yr" role="group" aria-label="Year">
            {years.map((each) => (
              <button
                key={each}
                type="button"
                aria-pressed={each === year}
                onClick={() => set({ year: each, from: undefined, to: undefined })}
              >
                {each}
              </button>
            ))}
          </span>
        </div>
        <div className="scroll">
          <Calendar months={months} painted={painted} onPaint={(range) => set({ from: range?.from, to: range?.to })} />
        </div>
        <p className="key">
          <span className="st">
            <i className="disc" /> succeeded
          </span>
          <span className="st failed">
            <Mark state="failed" /> <span className="word">failed</span>
          </span>
          <span className="st running">
            <Mark state="running" /> <span className="word">running</span>
          </span>
          <span className="st">
            <i className="miss" /> missing: never run
          </span>
          <span className="st">
            <i className="tick inl" /> to come
          </span>
        </p>
        <BackfillsInProgress workflow={name} />
      </div>
      <BackfillPanel key={schedule.name} workflow={workflow} schedule={schedule.name} painted={painted} />
    </div>
  );
}

/** Today, where the schedule is. */
const localDate = (timeZone: string): string => new Intl.DateTimeFormat("en-CA", { timeZone }).format(new Date());
const addYears = (date: string, years: number): string => `${Number(date.slice(0, 4)) + years}${date.slice(4)}`;

function yearsOf(start: string | null, thisYear: number, first: string | undefined): number[] {
  const from = Math.max(thisYear - 19, Math.min(thisYear, Number((start ?? first ?? String(thisYear)).slice(0, 4))));
  return Array.from({ length: thisYear - from + 1 }, (_, at) => from + at);
}
