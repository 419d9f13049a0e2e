import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { TRIGGER_KINDS, type TriggerKind } from "../../../../src/core/trigger.ts";
import { eventsQuery, type Happened, triggersQuery } from "../../api/events.ts";
import { Button } from "../../components/button.tsx";
import { CommandStrip, commandLine } from "../../components/command-strip.tsx";
import { Empty } from "../../components/empty.tsx";
import { Head } from "../../components/head.tsx";
import { Moment } from "../../components/moment.tsx";
import { Section } from "../../components/section.tsx";
import { eventText } from "../../words/said-text.ts";
import { count } from "../../words/count-text.ts";

const route = getRouteApi("/events");

/** What happened, and what starts when it does? */
export function HappenedPage() {
  const { kind } = route.useSearch();
  const navigate = useNavigate({ from: "/events" });
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(eventsQuery(kind));
  const { data: triggers = [] } = useQuery(triggersQuery);
  const events = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <>
      <Head
        title="Events"
        facts={
          <span>{triggers.length === 1 ? "1 trigger listens" : `${count(triggers.length, "trigger")} listen`}</span>
        }
      />
      <Section name="Triggers" note="what starts workflows besides schedules">
        {triggers.length === 0 ? (
          <p className="dim">
            None. <code>onEvent</code>, <code>onAsset</code>, <code>onRun</code>, <code>onFile</code> and{" "}
            <code>onPoll</code> make them.
          </p>
        ) : (
          <table className="headless">
            <tbody>
              {triggers.map(({ workflow, name, text, paused, dueAt, held }) => (
                <tr key={`${workflow} ${name}`}>
                  <td>
                    <Link to="/workflows/$workflow" params={{ workflow }}>
                      <b className="wrap">{workflow}</b>
                    </Link>
                  </td>
                  <td className="wrap">{text}</td>
                  <td className="dim nowrap">
                    {paused
                      ? "paused"
                      : dueAt !== null && (
                          <>
                            looks at <Moment at={dueAt} as="seconds" />
                          </>
                        )}
                    {held > 0 && ` ${held} held`}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Section>
      <Section name="Happened" note="newest first">
        <div className="filters">
          <label>
            kind{" "}
            <select
              value={kind ?? ""}
              onChange={({ target }) =>
                void navigate({ search: { kind: (target.value || undefined) as TriggerKind | undefined } })
              }
            >
              <option value="">any</option>
              {TRIGGER_KINDS.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
        </div>
        {data !== undefined && events.length === 0 ? (
          <Empty>Nothing has happened that somebody could wait for.</Empty>
        ) : (
          <HappenedTable events={events} />
        )}
        {hasNextPage && (
          <p className="more">
            <Button busy={isFetchingNextPage} onPress={() => void fetchNextPage()}>
              Older
            </Button>
          </p>
        )}
        <CommandStrip cli={commandLine("tutti", "emit", "orders.landed", "--payload", '{"day":"2026-11-22"}')} />
      </Section>
    </>
  );
}

const HappenedTable = ({ events }: { readonly events: readonly Happened[] }) => (
  <table>
    <thead>
      <tr>
        <th>at</th>
        <th>kind</th>
        <th>what</th>
        <th className="wide">with</th>
        <th>by</th>
      </tr>
    </thead>
    <tbody>
      {events.map(({ id, at, kind, name, payload, partition, key, runId, workflow }) => (
        <tr key={id}>
          <td className="nowrap">
            <Moment at={at} as="seconds" />
          </td>
          <td className="dim">{kind}</td>
          <td className="wrap">
            <b>{name}</b>
            {partition !== null && ` ${partition}`}
          </td>
          <td className="wide dim wrap">{eventText({ kind, payload, key })}</td>
          <td className="wrap">
            {runId === null ? (
              <span className="faint">from outside</span>
            ) : (
              <Link className="link" to="/runs/$run" params={{ run: runId }}>
                {workflow ?? runId.slice(0, 8)}
              </Link>
            )}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);
