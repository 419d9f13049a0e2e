import { Link } from "@tanstack/react-router";
import { Mark } from "../../components/mark.tsx";
import { Section } from "../../components/section.tsx";
import { keyOf } from "../../waterfall/rows.ts";
import type { ShownRun } from "../run/use-run.ts";

const SHOWN = 12;

/** What did not run because of it. */
export function StoppedSection({ shown: { run, taskRuns, graph, rootCause } }: { readonly shown: ShownRun }) {
  const stopped = taskRuns.filter(({ state }) => state === "upstream_failed" || state === "cancelled");
  const others = taskRuns.filter(({ state, id }) => state === "failed" && id !== rootCause?.id);
  const begun = new Set(taskRuns.map(({ task }) => task));
  const never = graph.tasks.filter(({ name }) => !begun.has(name)).map(({ name }) => name);
  return (
    <Section name="What it stopped">
      {stopped.length + others.length + never.length === 0 ? (
        <p className="dim">Nothing: it was the last.</p>
      ) : (
        <table className="two">
          <tbody>
            {[...others, ...stopped].slice(0, SHOWN).map((row) => (
              <tr key={row.id}>
                <td>
                  <Mark state={row.state} />{" "}
                  <Link
                    to="/runs/$run"
                    params={{ run: run.id }}
                    search={{ task: row.task, map: row.mapIndex ?? undefined }}
                  >
                    {keyOf(row)}
                  </Link>
                </td>
                <td className="dim wrap">
                  {row.state === "failed"
                    ? row.error?.message.split("\n")[0]
                    : row.state === "cancelled"
                      ? "was cancelled"
                      : "did not run"}
                </td>
              </tr>
            ))}
            {never.slice(0, SHOWN).map((name) => (
              <tr key={name}>
                <td>
                  <Mark state="waiting" /> {name}
                </td>
                <td className="dim">never came to its turn</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}
