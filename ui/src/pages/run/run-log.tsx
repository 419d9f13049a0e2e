import { useState } from "react";
import type { RunDetail } from "../../api/runs.ts";
import { CommandStrip, commandLine, curlText } from "../../components/command-strip.tsx";
import { LogView } from "../../components/log/log-view.tsx";
import { Segments } from "../../components/segments.tsx";
import type { LogFilter } from "../../log/log-line.ts";
import { queryOf } from "../../log/log-line.ts";
import type { RunSearch } from "../../routes/search.ts";
import { ownFrames } from "../../words/own-frames.ts";
import { shortName } from "../../words/short-name.ts";
import { LOG_LEVELS, type LogLevel } from "../../words/log-level.ts";
import type { Row } from "../../waterfall/rows.ts";
import { isOver } from "./use-run.ts";

interface RunLogProps {
  readonly run: RunDetail;
  readonly row: Row | undefined;
  readonly search: RunSearch;
  readonly onChange: (change: Partial<RunSearch>) => void;
}

/** What did it say: the selected attempt, the task over all its attempts, or the whole run. */
export function RunLog({ run, row, search, onChange }: RunLogProps) {
  const [wrap, setWrap] = useState(false);
  const [firstError, setFirstError] = useState<number | undefined>();
  const scope = row === undefined ? "run" : (search.scope ?? "task");
  const filter: LogFilter = {
    ...(scope === "run" || row === undefined
      ? {}
      : { task: row.task, mapIndex: row.mapIndex ?? undefined, attempt: row.attempt ?? undefined }),
    level: search.level,
    q: search.q,
  };
  return (
    <section className="logs" aria-label="Log">
      <div className="lhead">
        <h2>Log</h2>
        <Segments
          label="whose"
          value={scope}
          onChange={(value) => onChange({ scope: value, line: undefined })}
          options={[...(row === undefined ? [] : [["task", nameOf(row)] as const]), ["run", "whole run"] as const]}
        />
        <label>
          search{" "}
          <input
            className="in quiet"
            type="search"
            value={search.q ?? ""}
            placeholder="all lines"
            maxLength={200}
            onChange={({ target }) => onChange({ q: target.value || undefined, line: undefined })}
          />
        </label>
        <label>
          level{" "}
          <select
            value={search.level ?? ""}
            onChange={({ target }) =>
              onChange({ level: (target.value || undefined) as LogLevel | undefined, line: undefined })
            }
          >
            <option value="">any</option>
            {LOG_LEVELS.slice(1).map((level) => (
              <option key={level} value={level}>
                {level} and up
              </option>
            ))}
          </select>
        </label>
        <span className="r">
          {firstError !== undefined && (
            <button type="button" className="link err" onClick={() => onChange({ line: firstError })}>
              first error <kbd aria-hidden="true">e</kbd>
            </button>
          )}
        </span>
        <button type="button" className="link" aria-pressed={wrap} onClick={() => setWrap(!wrap)}>
          {wrap ? "one line each" : "wrap"}
        </button>
        <a
          className="link"
          href={`/api/runs/${run.id}/logs/download?${new URLSearchParams(stringsOf(filter))}`}
          download
        >
          download
        </a>
      </div>
      <LogView
        run={run.id}
        filter={filter}
        live={!isOver(run)}
        line={search.line}
        onLine={(line) => onChange({ line })}
        onFirstError={setFirstError}
        wrap={wrap}
      />
      {scope === "task" &&
        row !== undefined &&
        row.taskRun !== null &&
        row.taskRun.error !== null &&
        row.attempt === null && <ErrorLines error={row.taskRun.error} />}
      <CommandStrip
        cli={commandLine(
          "tutti",
          "logs",
          run.id,
          ...(row === undefined || filter.task === undefined ? [] : [taskOf(row)]),
          ...(filter.attempt === undefined ? [] : ["--attempt", String(filter.attempt)]),
          ...(isOver(run) ? [] : ["-f"]),
        )}
        curl={curlText("GET", `/api/runs/${run.id}/logs?${new URLSearchParams(stringsOf(filter))}`)}
        ts={`await tutti.get("/api/runs/{run}/logs", { params: { run: "${run.id}" }, query: ${JSON.stringify(queryOf(filter))} });`}
      />
    </section>
  );
}

/** What the task itself did not write: what it ended with. */
const ErrorLines = ({ error }: { readonly error: NonNullable<NonNullable<Row["taskRun"]>["error"]> }) => (
  <div className="log ended" tabIndex={0} role="group" aria-label="What it ended with">
    <p>{error.message}</p>
    {ownFrames(error.stack).length > 0 && <pre>{ownFrames(error.stack).join("\n")}</pre>}
  </div>
);

const taskOf = ({ task, mapIndex }: Row): string => (mapIndex === null ? task : `${task}[${mapIndex}]`);
const nameOf = (row: Row): string =>
  `${shortName(taskOf(row))}${row.attempt === null ? "" : `, attempt ${row.attempt}`}`;

const stringsOf = (filter: LogFilter): Record<string, string> =>
  Object.fromEntries(Object.entries(queryOf(filter)).map(([name, value]) => [name, String(value)]));
