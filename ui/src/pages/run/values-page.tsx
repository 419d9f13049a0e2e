import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { artifactsQuery, type TaskRun, taskRunQuery } from "../../api/runs.ts";
import { Mark } from "../../components/mark.tsx";
import { Section } from "../../components/section.tsx";
import { Value } from "../../components/value.tsx";
import { sizeText } from "../../words/count-text.ts";
import { keyOf } from "../../waterfall/rows.ts";
import { RunFrame } from "./run-frame.tsx";
import { isOver, type ShownRun } from "./use-run.ts";
import "../../styles/run.css";

const route = getRouteApi("/runs/$run/values");
const SHOWN = 60;

/** What did it get, and what did it make? */
export function ValuesPage() {
  const { run } = route.useParams();
  return (
    <RunFrame id={run} tab="/runs/$run/values">
      {(shown) => <Values {...shown} />}
    </RunFrame>
  );
}

function Values({ run, taskRuns }: ShownRun) {
  const { data: artifacts = [] } = useQuery({ ...artifactsQuery(run.id), enabled: isOver(run) });
  const made = taskRuns.filter(({ hasOutput }) => hasOutput);
  return (
    <>
      <Section name="In" note="as it was started">
        {run.input === null && run.params === null ? (
          <p className="dim">It takes no params.</p>
        ) : (
          <Value value={run.params ?? run.input} />
        )}
      </Section>
      <Section name="Out" note="of each task">
        {made.length === 0 && <p className="dim">Nothing was made.</p>}
        {made.slice(0, SHOWN).map((row) => (
          <Output key={row.id} run={run.id} row={row} />
        ))}
        {made.length > SHOWN && <p className="dim">and {made.length - SHOWN} more: select one in the waterfall.</p>}
      </Section>
      <Section name="Artifacts">
        {artifacts.length === 0 ? (
          <p className="dim">None.</p>
        ) : (
          <table>
            <thead>
              <tr>
                <th>name</th>
                <th>task</th>
                <th className="num">size</th>
              </tr>
            </thead>
            <tbody>
              {artifacts.map(({ name, task, mapIndex, taskRunId, claim, size }) => (
                <tr key={`${taskRunId} ${claim} ${name}`}>
                  <td>
                    <a
                      className="link wrap"
                      href={`/api/runs/${run.id}/artifacts/${taskRunId}/${claim}/${encodeURIComponent(name)}`}
                      download={name}
                    >
                      {name}
                    </a>
                  </td>
                  <td>{keyOf({ task, mapIndex })}</td>
                  <td className="num">{sizeText(size)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Section>
    </>
  );
}

function Output({ run, row }: { readonly run: string; readonly row: TaskRun }) {
  const { data } = useQuery(taskRunQuery(run, row.id, row.claim * 20 + row.state.length));
  return (
    <div className="output">
      <p>
        <Mark state={row.state} />{" "}
        <Link
          className="link"
          to="/runs/$run"
          params={{ run }}
          search={{ task: row.task, map: row.mapIndex ?? undefined }}
        >
          {keyOf(row)}
        </Link>
      </p>
      {data !== undefined && <Value value={data.output} />}
    </div>
  );
}
