import { getRouteApi, Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { useQuery } from "@tanstack/react-query";
import { attemptsQuery } from "../../api/runs.ts";
import { Mark } from "../../components/mark.tsx";
import { durationText } from "../../words/duration-text.ts";
import { millisText } from "../../words/time-text.ts";
import { runEvents } from "../../waterfall/run-events.ts";
import { RunFrame } from "./run-frame.tsx";
import type { ShownRun } from "./use-run.ts";

const route = getRouteApi("/runs/$run/events");
const SHOWN = 1000;

/** What happened, in its order? */
export function EventsPage() {
  const { run } = route.useParams();
  return (
    <RunFrame id={run} tab="/runs/$run/events">
      {(shown) => <Events {...shown} />}
    </RunFrame>
  );
}

function Events({ run, taskRuns }: ShownRun) {
  const { data: attempts } = useQuery(attemptsQuery(run.id));
  const events = useMemo(() => runEvents(run, taskRuns, attempts ?? []), [run, taskRuns, attempts]);
  const begin = events[0]?.at ?? 0;
  return (
    <table className="events">
      <thead>
        <tr>
          <th>at</th>
          <th className="num">after</th>
          <th>what</th>
          <th>state</th>
          <th className="wide">more</th>
        </tr>
      </thead>
      <tbody>
        {events.slice(0, SHOWN).map(({ at, key, task, mapIndex, state, what, more }) => (
          <tr key={key}>
            <td className="mono nowrap">
              <Link
                className="link"
                to="/runs/$run"
                params={{ run: run.id }}
                search={{ at, task: task ?? undefined, map: mapIndex ?? undefined }}
                title="The run as it was then"
              >
                {millisText(at)}
              </Link>
            </td>
            <td className="num dim">+{durationText(at - begin)}</td>
            <td className="wrap">{what}</td>
            <td>
              <span className={`st ${state}`}>
                <Mark state={state} /> <span className="word">{state}</span>
              </span>
            </td>
            <td className="wide dim wrap">{more}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
