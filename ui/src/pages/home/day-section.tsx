import { Link } from "@tanstack/react-router";
import type { Timeline } from "../../api/overview.ts";
import { Section } from "../../components/section.tsx";
import { StateWord } from "../../components/mark.tsx";
import { RUN_STATES } from "../../words/state.ts";
import { figure } from "../../words/count-text.ts";
import { clockText, hourOf } from "../../words/time-text.ts";

interface DaySectionProps {
  readonly timeline: Timeline;
  readonly now: number;
}

const HOUR = 3_600_000;
const HOURS = 24;
const HEIGHT = 48;

/** A day in numbers. */
export function DaySection({ timeline, now }: DaySectionProps) {
  const from = hourOf(now) - (HOURS - 1) * HOUR;
  const day = timeline.lanes
    .flatMap(({ runs }) => runs)
    .filter(({ endedAt }) => endedAt === null || Date.parse(endedAt) >= from);
  const hours = Array.from({ length: HOURS }, (_, at) => {
    const ended = day.filter(
      (run) => run.endedAt !== null && Math.floor((Date.parse(run.endedAt) - from) / HOUR) === at,
    );
    return { at: from + at * HOUR, all: ended.length, failed: ended.filter(({ state }) => state === "failed").length };
  });
  const most = Math.max(1, ...hours.map(({ all }) => all));
  return (
    <Section name="Last 24 hours" note={timeline.more ? "of the newest 5,000 runs" : "counted, not sampled"}>
      <div className="day">
        <dl className="counts">
          {RUN_STATES.map((state) => (
            <div key={state}>
              <dt>
                <StateWord state={state} />
              </dt>
              <dd>
                <Link to="/runs" search={{ state }}>
                  {figure(day.filter((run) => run.state === state).length)}
                </Link>
              </dd>
            </div>
          ))}
        </dl>
        <div className="hx">
          <div
            className="hours"
            role="img"
            aria-label={hours
              .map(({ at, all, failed }) => `${clockText(at)}: ${all} ended, ${failed} failed`)
              .join("; ")}
          >
            {hours.map(({ at, all, failed }) => (
              <i key={at}>
                {failed > 0 && <b>{failed}</b>}
                <u style={{ height: all === 0 ? 0 : Math.max(2, (all / most) * HEIGHT) }} />
              </i>
            ))}
          </div>
          <div className="cap">
            <span>{clockText(from)}</span>
            <span>runs ended, by hour; failed in figures</span>
            <span>{clockText(now)}</span>
          </div>
        </div>
      </div>
    </Section>
  );
}
