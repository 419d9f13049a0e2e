import { Link } from "@tanstack/react-router";
import type { Asset } from "../../api/assets.ts";
import { StateWord } from "../../components/mark.tsx";
import { Moment } from "../../components/moment.tsx";
import { useRowKeys } from "../../components/rows-nav.ts";
import { ASSET_MARKS } from "../../words/asset-state.ts";

interface AssetTableProps {
  readonly assets: readonly Asset[];
  readonly selected: string | undefined;
  readonly onSelect: (name: string) => void;
}

/** A line an asset. */
export function AssetTable({ assets, selected, onSelect }: AssetTableProps) {
  useRowKeys(
    assets.map(({ name }) => name),
    selected ?? null,
    onSelect,
  );
  return (
    <table>
      <thead>
        <tr>
          <th>state</th>
          <th>asset</th>
          <th>updated</th>
          <th className="wide">may be</th>
          <th className="wide">made by</th>
          <th className="num">checks</th>
        </tr>
      </thead>
      <tbody>
        {assets.map(({ name, state, last, freshness, makers, checks }) => (
          <tr key={name} className={name === selected ? "sel" : undefined} onClick={() => onSelect(name)}>
            <td>
              <StateWord state={ASSET_MARKS[state]}>{state}</StateWord>
            </td>
            <td className="wrap">
              <Link to="/assets/$asset" params={{ asset: name }}>
                <b>{name}</b>
              </Link>
            </td>
            <td className="nowrap">
              {last === null ? <span className="faint">never</span> : <Moment at={last.at} />}
              {last !== null && last.partition !== null && <span className="dim"> {last.partition}</span>}
            </td>
            <td className="wide dim">{freshness?.text ?? "of any age"}</td>
            <td className="wide dim wrap">{makers.map(({ workflow, task }) => `${workflow} / ${task}`).join(", ")}</td>
            <td className="num">
              {checks.pass + checks.warn + checks.fail === 0 ? (
                <span className="faint">none</span>
              ) : checks.fail > 0 ? (
                <span className="bad">{checks.fail} failed</span>
              ) : checks.warn > 0 ? (
                `${checks.warn} warn`
              ) : (
                `${checks.pass} pass`
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
