import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useDeferredValue } from "react";
import { logSearchQuery } from "../../api/log-search.ts";
import { workflowsQuery } from "../../api/workflows.ts";
import { CommandStrip, curlText } from "../../components/command-strip.tsx";
import { Empty } from "../../components/empty.tsx";
import { Head } from "../../components/head.tsx";
import { Mark } from "../../components/mark.tsx";
import { LOG_LEVELS, type LogLevel } from "../../words/log-level.ts";
import { styledParts } from "../../log/ansi.ts";
import { shownLine } from "../../log/shown-line.ts";
import { count } from "../../words/count-text.ts";
import { millisText } from "../../words/time-text.ts";
import { runFor } from "../../words/run-for.ts";

const route = getRouteApi("/logs");

/** Which run said that? */
export function LogsPage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/logs" });
  const set = (change: Partial<typeof search>): void =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const { data: workflows = [] } = useQuery(workflowsQuery);
  const asked = useDeferredValue(search);
  const level = asked.level ?? (asked.q === undefined ? "error" : undefined);
  const { data, isFetching } = useQuery(logSearchQuery({ workflow: asked.workflow, q: asked.q, level }));
  const lines = data?.reduce((sum, each) => sum + each.lines.length, 0) ?? 0;
  return (
    <>
      <Head title="Logs" facts={<span>the newest runs first, over all their tasks and attempts</span>} />
      <div className="filters" role="search">
        <label>
          search{" "}
          <input
            className="in quiet"
            type="search"
            maxLength={200}
            placeholder="words of a line"
            value={search.q ?? ""}
            onChange={({ target }) => set({ q: target.value || undefined })}
          />
        </label>
        <label>
          workflow{" "}
          <select value={search.workflow ?? ""} onChange={({ target }) => set({ workflow: target.value || undefined })}>
            <option value="">all</option>
            {workflows.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          level{" "}
          <select
            value={level ?? ""}
            onChange={({ target }) => set({ level: (target.value || undefined) as LogLevel | undefined })}
          >
            <option value="">any</option>
            {LOG_LEVELS.slice(1).map((each) => (
              <option key={each} value={each}>
                {each} and up
              </option>
            ))}
          </select>
        </label>
        <span className="r" role="status">
          {isFetching ? "searching…" : `${count(lines, "line")} of ${count(data?.length ?? 0, "run")}`}
        </span>
      </div>
      {data !== undefined && data.length === 0 && <Empty>No line of the newest runs is like that.</Empty>}
      {data?.map(({ run, lines: found, more }) => (
        <section className="logs" key={run.id} aria-label={`${run.workflow} ${runFor(run)}`}>
          <p>
            <Mark state={run.state} />{" "}
            <Link
              className="link"
              to="/runs/$run"
              params={{ run: run.id }}
              search={{ scope: "run", q: search.q, level }}
            >
              <b>{run.workflow}</b> {runFor(run)}
            </Link>{" "}
            <span className="dim">{more ? "and more in it" : count(found.length, "line")}</span>
          </p>
          <div className="found">
            {found.map((line) => (
              <div key={`${line.at} ${line.taskRunId} ${line.message}`} className={`foundline ${line.level}`}>
                <span className="t">{millisText(Date.parse(line.at))}</span>
                <span className="t cut">{line.task}</span>
                <span className="m">
                  {styledParts(shownLine(line, false).text)
                    .map(({ text }) => text)
                    .join("")}
                </span>
              </div>
            ))}
          </div>
        </section>
      ))}
      <CommandStrip
        curl={curlText(
          "GET",
          `/api/runs?${new URLSearchParams(search.workflow === undefined ? {} : { workflow: search.workflow })}`,
        )}
        cli="tutti logs <run>"
      />
    </>
  );
}
