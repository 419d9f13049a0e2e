import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ScheduleManifest } from "../../../../src/core/schedule.ts";
import { comingQuery } from "../../api/workflows.ts";
import { schedulesQuery, type Schedule } from "../../api/schedules.ts";
import { CommandStrip, commandLine } from "../../components/command-strip.tsx";
import { Empty } from "../../components/empty.tsx";
import { Head } from "../../components/head.tsx";
import { Moment } from "../../components/moment.tsx";
import { useNow } from "../../components/now.ts";
import { useState } from "react";
import { count } from "../../words/count-text.ts";
import { durationText } from "../../words/duration-text.ts";
import { scheduleText } from "../../words/schedule-text.ts";

/** What fires next, and why then? */
export function SchedulesPage() {
  const { data: schedules } = useQuery(schedulesQuery);
  const [open, setOpen] = useState<string | null>(null);
  const now = useNow(true, 5_000);
  if (schedules === undefined) return null;
  const sorted = schedules.toSorted((a, b) => (a.nextRun ?? "~").localeCompare(b.nextRun ?? "~"));
  const first = sorted[0];
  return (
    <>
      <Head
        title="Schedules"
        facts={
          <>
            <span>{count(schedules.length, "schedule")}</span>
            {first !== undefined && first.nextRun !== null && (
              <span>
                next: <b>{first.workflow}</b> <Moment at={first.nextRun} zone={zoneOf(first)} />
              </span>
            )}
          </>
        }
      />
      {schedules.length === 0 ? (
        <Empty>
          Nothing fires by itself. A workflow with <code>schedule: "@daily"</code> does.
        </Empty>
      ) : (
        <table>
          <thead>
            <tr>
              <th>workflow</th>
              <th>schedule</th>
              <th>next</th>
              <th className="num wide">unfinished</th>
              <th className="num wide">held</th>
              <th>
                <span className="out">acts</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((schedule) => (
              <Row
                key={`${schedule.workflow} ${schedule.name}`}
                schedule={schedule}
                now={now}
                open={open}
                onOpen={setOpen}
              />
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

const zoneOf = ({ rule }: Schedule): string | undefined => (rule as { timezone?: string } | null)?.timezone;

interface RowProps {
  readonly schedule: Schedule;
  readonly now: number;
  readonly open: string | null;
  readonly onOpen: (key: string | null) => void;
}

function Row({ schedule, now, open, onOpen }: RowProps) {
  const { workflow, name, rule, paused, nextRun, unfinished, held } = schedule;
  const key = `${workflow} ${name}`;
  return (
    <>
      <tr>
        <td>
          <Link className="wrap" to="/workflows/$workflow" params={{ workflow }}>
            <b>{workflow}</b>
          </Link>
        </td>
        <td className="dim">{rule === null ? name : scheduleText(rule as ScheduleManifest)}</td>
        <td className="when">
          {paused ? (
            <span className="dim">paused</span>
          ) : nextRun === null ? (
            <span className="faint">never again</span>
          ) : (
            <>
              <Moment at={nextRun} zone={zoneOf(schedule)} />{" "}
              <span className="faint">
                {Date.parse(nextRun) > now ? `in ${durationText(Date.parse(nextRun) - now)}` : "due"}
              </span>
            </>
          )}
        </td>
        <td className="num wide">{unfinished}</td>
        <td className="num wide">{held}</td>
        <td className="num">
          <button
            type="button"
            className="link"
            aria-expanded={open === key}
            onClick={() => onOpen(open === key ? null : key)}
          >
            next 20
          </button>
        </td>
      </tr>
      {open === key && (
        <tr>
          <td colSpan={6}>
            <Coming workflow={workflow} name={name} zone={zoneOf(schedule)} />
          </td>
        </tr>
      )}
    </>
  );
}

function Coming({
  workflow,
  name,
  zone,
}: {
  readonly workflow: string;
  readonly name: string;
  readonly zone: string | undefined;
}) {
  const { data = [] } = useQuery(comingQuery(workflow, 20));
  return (
    <>
      <ol className="coming">
        {data
          .filter(({ schedule }) => schedule === name)
          .map(({ fireAt, window }) => (
            <li key={fireAt}>
              <b>
                <Moment at={fireAt} as="long" zone={zone} />
              </b>{" "}
              <span className="dim">
                for <Moment at={window.start} zone={zone} /> to <Moment at={window.end} zone={zone} />,{" "}
                {durationText(Date.parse(window.end) - Date.parse(window.start))}
              </span>
            </li>
          ))}
      </ol>
      <CommandStrip cli={commandLine("tutti", "schedule", workflow, "--count", "20")} />
    </>
  );
}
