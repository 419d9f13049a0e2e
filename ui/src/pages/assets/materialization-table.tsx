import { Link } from "@tanstack/react-router";
import type { Materialization } from "../../api/assets.ts";
import { Moment } from "../../components/moment.tsx";
import { saidText } from "../../words/said-text.ts";

/** A line an update: which part, when, by which run, and what it said of itself. */
export const MaterializationTable = ({ updates }: { readonly updates: readonly Materialization[] }) => (
  <table>
    <thead>
      <tr>
        <th>at</th>
        <th>part</th>
        <th>run</th>
        <th className="wide">said of itself</th>
      </tr>
    </thead>
    <tbody>
      {updates.map(({ id, at, partition, run, workflow, task, date, metadata }) => (
        <tr key={id}>
          <td className="nowrap">
            <Moment at={at} as="moment" />
          </td>
          <td className="nowrap">{partition ?? <span className="faint">all of it</span>}</td>
          <td className="wrap">
            {run === null ? (
              <span className="faint">from outside</span>
            ) : (
              <Link className="link" to="/runs/$run" params={{ run }} search={{ task: task ?? undefined }}>
                {workflow ?? run.slice(0, 8)} {date}
              </Link>
            )}
          </td>
          <td className="wide dim wrap">{saidText(metadata)}</td>
        </tr>
      ))}
    </tbody>
  </table>
);
