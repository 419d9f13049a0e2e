import { useState } from "react";
import { count, figure } from "../../words/count-text.ts";
import { Button } from "../button.tsx";
import { useShortcut } from "../shortcuts.ts";
import type { BulkAct } from "./bulk-act.ts";
import { BulkConfirm } from "./bulk-confirm.tsx";
import type { Rows } from "./use-rows.ts";

interface BulkBarProps {
  readonly rows: Rows;
  /** `run` */
  readonly noun: string;
  readonly acts: readonly BulkAct[];
  /** How many the filter stands for, where that is more than is shown; `null`: nobody has counted them. Absent: all are shown. */
  readonly matching?: number | null;
}

/** What can be done with the rows that are chosen, and what came of it. There only while some are. */
export function BulkBar({ rows, noun, acts, matching }: BulkBarProps) {
  const { chosen, shown, all, outcomes } = rows;
  const [asked, setAsked] = useState<string | null>(null);
  const [last, setLast] = useState<string | null>(null);
  const isThere = rows.mayAct && (chosen.size > 0 || outcomes.size > 0);
  const act = acts.find(({ word }) => word === asked);
  const clear = (): void => {
    setAsked(null);
    setLast(null);
    rows.clear();
  };
  useShortcut(isThere ? "Escape" : undefined, clear);
  if (!isThere) return null;
  const isFull = chosen.size === shown.length;
  const leave = (): void => {
    setLast(asked);
    setAsked(null);
  };
  return (
    <section className="bulk" aria-label={`Chosen ${noun}s`}>
      <div className="row">
        <b>
          {!all
            ? `${count(chosen.size, noun)} chosen`
            : `All ${matching === undefined || matching === null ? "" : `${figure(matching)} `}${noun}s that match`}
        </b>
        {!all && isFull && matching !== undefined && (
          <button type="button" className="link" onClick={() => rows.chooseAll()}>
            choose all {matching === null ? "" : `${figure(matching)} `}that match
          </button>
        )}
        {chosen.size > 0 &&
          acts.map((each) => (
            <Button
              key={each.word}
              small
              focused={asked === null && last === each.word}
              refusal={all || [...chosen].some(each.fits) ? null : `Only ${noun}s ${each.only}.`}
              onPress={() => setAsked(each.word)}
            >
              {each.word}…
            </Button>
          ))}
        <button type="button" className="link r" onClick={clear}>
          choose none <kbd aria-hidden="true">Esc</kbd>
        </button>
      </div>
      {act !== undefined && chosen.size > 0 && (
        <BulkConfirm key={act.word} act={act} rows={rows} noun={noun} onLeave={leave} onDone={() => setAsked(null)} />
      )}
      <Came rows={rows} noun={noun} />
    </section>
  );
}

const ELSEWHERE = 5;

/** What came of it: the number, and what no row on the screen says. */
function Came({ rows: { outcomes, shown }, noun }: { readonly rows: Rows; readonly noun: string }) {
  const refused = [...outcomes].flatMap(([key, why]) => (why === null ? [] : [{ key, why }]));
  const elsewhere = refused.filter(({ key }) => !shown.includes(key));
  return (
    <div role="status">
      {outcomes.size > 0 && (
        <p>
          Done with {count(outcomes.size - refused.length, noun)}
          {refused.length > 0 && (
            <span className="err">
              ; {figure(refused.length)} refused{elsewhere.length < refused.length && ", as their rows say"}
            </span>
          )}
          .
        </p>
      )}
      {elsewhere.slice(0, ELSEWHERE).map(({ key, why }) => (
        <p key={key} className="err wrap">
          {key}: {why}
        </p>
      ))}
    </div>
  );
}
