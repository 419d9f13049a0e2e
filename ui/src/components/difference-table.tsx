import { Fragment } from "react";
import type { Difference } from "../compare/differences.ts";

interface DifferenceTableProps {
  readonly before: string;
  readonly after: string;
  readonly differences: readonly Difference[];
  /** Also what varies as it always does. */
  readonly all: boolean;
}

/** `upstream_failed` breaks behind its line, where it has to. */
const parted = (text: string): React.ReactNode =>
  text.split("_").map((part, at) =>
    at === 0 ? (
      part
    ) : (
      <Fragment key={at}>
        _<wbr />
        {part}
      </Fragment>
    ),
  );

/** What differs, marked where it matters; what is the same in one line. */
export function DifferenceTable({ before, after, differences, all }: DifferenceTableProps) {
  const same = differences.filter(({ differs, name }) => differs === "" && !name.includes(",")).map(({ name }) => name);
  const shown = differences.filter(({ differs, marked }) => differs !== "" && differs !== "same" && (all || marked));
  const usual = differences.filter(({ differs, marked }) => differs !== "" && !marked).length;
  return (
    <table className="cmp">
      <thead>
        <tr>
          <th>
            <span className="out">what</span>
          </th>
          <th>{before}</th>
          <th>{after}</th>
          <th className="num">differs</th>
        </tr>
      </thead>
      <tbody>
        {shown
          .toSorted((a, b) => Number(b.marked) - Number(a.marked))
          .map(({ name, before: was, after: is, differs, marked }) => (
            <tr key={name} className={marked ? "hot" : undefined}>
              <td className="wrap">{name}</td>
              <td className="wrap">{parted(was)}</td>
              <td className="wrap">{marked ? <b>{parted(is)}</b> : parted(is)}</td>
              <td className="num">{marked ? <b>{differs}</b> : differs}</td>
            </tr>
          ))}
        <tr className="same">
          <td>same</td>
          <td colSpan={3} className="wrap">
            {same.length === 0 ? "nothing" : same.join(", ")}
            {!all && usual > 0 && `; ${usual} more only vary as usual`}
          </td>
        </tr>
      </tbody>
    </table>
  );
}
