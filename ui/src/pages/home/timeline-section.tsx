import { Link } from "@tanstack/react-router";
import type { News, Timeline } from "../../api/overview.ts";
import type { Workflow } from "../../api/workflows.ts";
import { useNarrow } from "../../components/narrow.ts";
import { Section } from "../../components/section.tsx";
import { StateWord } from "../../components/mark.tsx";
import { lanesOf, type DrawnLane } from "../../home/lanes.ts";
import { clockText, hourOf } from "../../words/time-text.ts";
import { durationText } from "../../words/duration-text.ts";
import { runFor } from "../../words/run-for.ts";

interface TimelineSectionProps {
  readonly workflows: readonly Workflow[];
  readonly timeline: Timeline;
  readonly news: readonly News[];
  readonly now: number;
}

const HOUR = 3_600_000;
const BACK_MS = 6 * HOUR;
const AHEAD_MS = 4 * HOUR;

/** Past runs and coming ones, a lane for each workflow, those with news first. */
export function TimelineSection({ workflows, timeline, news, now }: TimelineSectionProps) {
  const [from, to] = [now - BACK_MS, now + AHEAD_MS];
  const lanes = lanesOf({ workflows: workflows.map(({ name }) => name), timeline, news, from, to });
  // Around the word for now there is no room for others.
  const narrow = useNarrow();
  const place = (at: number): number => ((at - from) / (to - from)) * 100;
  const hours = Array.from({ length: 11 }, (_, step) => hourOf(from) + step * HOUR).filter(
    (at) => at > from && at < to && new Date(at).getHours() % 2 === 0,
  );
  return (
    <Section
      name="Timeline"
      note={`${clockText(from)} to ${clockText(to)}${workflows.length > lanes.length ? `, ${lanes.length} of ${workflows.length}, those with news first` : ""}`}
    >
      <div className="lanes">
        <div className="ln ax" aria-hidden="true">
          <span />
          <div className="axis">
            {hours
              .filter((at) => Math.abs(at - now) > HOUR * (narrow ? 2.2 : 0.9))
              .map((at) => (
                <span key={at} style={{ left: `${place(at)}%` }}>
                  {clockText(at)}
                </span>
              ))}
            <span className="nowl" style={{ left: `${place(now)}%` }}>
              now {clockText(now)}
            </span>
          </div>
          <span className="sum">runs</span>
        </div>
        <div className="ln under" aria-hidden="true">
          <span />
          <div className="lane0">
            {hours.map((at) => (
              <i key={at} className="vline" style={{ left: `${place(at)}%` }} />
            ))}
            <i className="now" style={{ left: `${place(now)}%` }} />
          </div>
          <span />
        </div>
        {lanes.map((lane) => (
          <LaneRow key={lane.workflow} lane={lane} place={place} now={now} />
        ))}
      </div>
      <p className="key">
        {(["succeeded", "failed", "running", "queued"] as const).map((state) => (
          <StateWord key={state} state={state} />
        ))}
        <span className="st">
          <i className="tick inl" /> next fire
        </span>
        <Link className="link r" to="/workflows">
          all {workflows.length} workflows
        </Link>
      </p>
    </Section>
  );
}

function LaneRow({
  lane,
  place,
  now,
}: {
  readonly lane: DrawnLane;
  readonly place: (at: number) => number;
  readonly now: number;
}) {
  const { workflow, bars, coming, failed } = lane;
  return (
    <div className="ln">
      <Link className="who cut" to="/workflows/$workflow" params={{ workflow }} title={workflow}>
        {workflow}
      </Link>
      <div className="lane">
        {bars.map(({ run, begin, end }) => (
          <Link
            key={run.id}
            to="/runs/$run"
            params={{ run: run.id }}
            className={`rbar ${run.state}`}
            aria-label={`${workflow} ${runFor(run)}, ${run.state}`}
            title={`${runFor(run)} ${run.state}, ${clockText(begin)}, ${durationText(end - begin)}`}
            style={{ left: `${place(begin)}%`, width: `${Math.max(0, place(Math.min(end, now)) - place(begin))}%` }}
          />
        ))}
        {coming.map((at) => (
          <i key={at} className="tick" style={{ left: `${place(at)}%` }} title={`fires ${clockText(at)}`} />
        ))}
      </div>
      <span className="sum">
        {bars.length - failed}
        {failed > 0 && <b className="bad"> {failed}</b>}
      </span>
    </div>
  );
}
