import type { WorkingProcess } from "../../api/server.ts";
import { Mark } from "../../components/mark.tsx";
import { Moment } from "../../components/moment.tsx";

/** Past this, clocks that differ make times that lie. */
const CLOCK_MS = 500;

/** Who schedules, works and serves. */
export function ProcessTable({ processes }: { readonly processes: readonly WorkingProcess[] }) {
  const sorted = processes.toSorted((a, b) => Number(b.alive) - Number(a.alive) || a.name.localeCompare(b.name));
  if (sorted.length === 0) return <p className="dim">None has told of itself. tutti start does.</p>;
  return (
    <table>
      <thead>
        <tr>
          <th>process</th>
          <th>does</th>
          <th>queues</th>
          <th className="num">slots</th>
          <th>since</th>
          <th className="wide">release</th>
          <th className="wide">clock</th>
        </tr>
      </thead>
      <tbody>
        {sorted.map(({ name, alive, roles, queues, slots, startedAt, release, node, clockAheadMs, host, pid }) => (
          <tr key={`${name} ${startedAt}`} title={`${host}, process ${pid}`}>
            <td>
              <span className={`st ${alive ? "succeeded" : "failed"}`}>
                <Mark state={alive ? "succeeded" : "failed"} />
                <span className="out">{alive ? "lives" : "died"}</span>
              </span>{" "}
              <b>{name}</b>
              {!alive && <span className="bad"> died</span>}
            </td>
            <td className="dim">{roles.join(", ")}</td>
            <td className="dim">{queues.join(", ")}</td>
            <td className="num">{slots}</td>
            <td className="nowrap">
              <Moment at={startedAt} />
            </td>
            <td className="wide dim">
              {release}, Node {node}
            </td>
            <td className="wide dim">
              {clockAheadMs === null ? (
                "–"
              ) : (
                <span className={Math.abs(clockAheadMs) > CLOCK_MS ? "bad" : undefined}>
                  {Math.round(clockAheadMs)} ms ahead
                </span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
