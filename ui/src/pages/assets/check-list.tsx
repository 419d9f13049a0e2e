import type { AssetDetail } from "../../api/assets.ts";
import { Mark } from "../../components/mark.tsx";
import { Moment } from "../../components/moment.tsx";
import type { MarkName } from "../../words/state.ts";

type Finding = AssetDetail["findings"][number];

const MARKS: Readonly<Record<NonNullable<Finding["last"]>["status"], MarkName>> = {
  pass: "succeeded",
  warn: "late",
  fail: "failed",
};

/** What each check found last. */
export const CheckList = ({ findings }: { readonly findings: readonly Finding[] }) => (
  <>
    <h3>
      Checks <span>{findings.length}</span>
    </h3>
    {findings.length === 0 && (
      <p className="dim">
        None. <code>check(asset, fn)</code> looks at what was made.
      </p>
    )}
    <ul className="checklist">
      {findings.map(({ check, description, blocking, last }) => (
        <li key={check} title={description ?? undefined}>
          <Mark state={last === null ? "waiting" : MARKS[last.status]} />
          <span className="wrap">
            {check}
            {blocking && <span className="dim">, blocking</span>}
            {last !== null && last.message !== null && <p className="dim">{last.message}</p>}
          </span>
          <span className="dim nowrap">
            {last === null ? (
              "not run"
            ) : (
              <>
                {last.status} <Moment at={last.at} />
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  </>
);
