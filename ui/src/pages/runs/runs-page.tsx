import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { type RunFilter, runsQuery, wordsOf } from "../../api/runs.ts";
import { workflowsQuery } from "../../api/workflows.ts";
import { Button } from "../../components/button.tsx";
import { CommandStrip, commandLine, curlText } from "../../components/command-strip.tsx";
import { Empty } from "../../components/empty.tsx";
import { Head } from "../../components/head.tsx";
import { RUN_STATES, type RunState } from "../../words/state.ts";
import { figure } from "../../words/count-text.ts";
import { useRows } from "../../components/bulk/use-rows.ts";
import { RunBulk } from "./run-bulk.tsx";
import { RunTable } from "./run-table.tsx";

const route = getRouteApi("/runs");

/** Which runs were there, and how did they end? */
export function RunsPage() {
  const search = route.useSearch();
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(runsQuery(search));
  const { data: workflows = [] } = useQuery(workflowsQuery);
  const runs = data?.pages.flatMap(({ items }) => items) ?? [];
  const total = workflows
    .filter(({ name }) => search.workflow === undefined || name === search.workflow)
    .flatMap((each) => Object.entries(each.runs as Record<string, number>))
    .reduce((sum, [state, n]) => (search.state === undefined || search.state === state ? sum + n : sum), 0);
  const rows = useRows(
    runs.map(({ id }) => id),
    JSON.stringify(search),
  );
  const isExact = [search.tag, search.partition, search.from, search.to].every((each) => each === undefined);
  return (
    <>
      <Head title="Runs" facts={isExact && <span>{figure(total)} in the store, newest first</span>} />
      <Filters names={workflows.map(({ name }) => name)} />
      {data !== undefined && runs.length === 0 ? (
        <Empty>There is no such run. Start one from a workflow's page.</Empty>
      ) : (
        <RunTable runs={runs} rows={rows} />
      )}
      {hasNextPage && (
        <p className="more">
          <Button busy={isFetchingNextPage} onPress={() => void fetchNextPage()}>
            Older runs
          </Button>
        </p>
      )}
      <RunBulk rows={rows} runs={runs} filter={search} matching={!hasNextPage ? undefined : isExact ? total : null} />
      <CommandStrip
        cli={commandLine("tutti", "runs", ...cliOf(search))}
        curl={curlText(
          "GET",
          `/api/runs?${new URLSearchParams(Object.entries(search).filter((each): each is [string, string] => each[1] !== undefined))}`,
        )}
      />
    </>
  );
}

/** The words of `tutti runs`; what it has none for is chosen as text. */
function cliOf({ workflow, state, ...rest }: RunFilter): string[] {
  const { select } = wordsOf({ workflow, state, ...rest });
  if (Object.values(rest).some((each) => each !== undefined)) return ["--select", select];
  return [
    ...(workflow === undefined ? [] : ["--workflow", workflow]),
    ...(state === undefined ? [] : ["--state", state]),
  ];
}

function Filters({ names }: { readonly names: readonly string[] }) {
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/runs" });
  const set = (change: Partial<typeof search>): void => void navigate({ search: { ...search, ...change } });
  return (
    <div className="filters" role="search">
      <label>
        workflow{" "}
        <select value={search.workflow ?? ""} onChange={({ target }) => set({ workflow: target.value || undefined })}>
          <option value="">all</option>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        state{" "}
        <select
          value={search.state ?? ""}
          onChange={({ target }) => set({ state: (target.value || undefined) as RunState | undefined })}
        >
          <option value="">any</option>
          {RUN_STATES.map((state) => (
            <option key={state}>{state}</option>
          ))}
        </select>
      </label>
      {search.partition !== undefined && (
        <span>
          partition <b>{search.partition}</b>{" "}
          <Button small onPress={() => set({ partition: undefined })}>
            Any partition
          </Button>
        </span>
      )}
      <DayFilter word="from" value={search.from} onChange={(from) => set({ from })} />
      <DayFilter word="before" value={search.to} onChange={(to) => set({ to })} />
    </div>
  );
}

interface DayFilterProps {
  readonly word: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

/** A day on the viewer's calendar, kept as the instant it begins. */
function DayFilter({ word, value, onChange }: DayFilterProps) {
  const day = value === undefined ? "" : localDay(new Date(value));
  return (
    <label>
      {word}{" "}
      <input
        type="date"
        value={day}
        onChange={({ target }) =>
          onChange(target.value === "" ? undefined : new Date(`${target.value}T00:00`).toISOString())
        }
      />
    </label>
  );
}

const localDay = (date: Date): string =>
  `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
