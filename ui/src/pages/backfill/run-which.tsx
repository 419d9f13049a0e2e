import { useQuery } from "@tanstack/react-query";
import { type BackfillAsked, previewQuery } from "../../api/backfills.ts";
import { figure } from "../../words/count-text.ts";

interface RunWhichProps {
  readonly asked: BackfillAsked;
  readonly value: BackfillAsked["reprocess"];
  readonly onChange: (value: BackfillAsked["reprocess"]) => void;
}

const CHOICES = [
  ["none", "missing"],
  ["failed", "missing and failed"],
  ["all", "all, replacing what is there"],
] as const;

/** Which windows of the range, each with its exact count. */
export const RunWhich = ({ asked, value, onChange }: RunWhichProps) => (
  <fieldset className="rad">
    <legend className="out">Run which</legend>
    {CHOICES.map(([reprocess, word]) => (
      <label key={reprocess} className={reprocess === value ? "on" : undefined}>
        <input type="radio" name="which" checked={reprocess === value} onChange={() => onChange(reprocess)} />
        {word}
        <CountOf asked={{ ...asked, reprocess }} />
      </label>
    ))}
  </fieldset>
);

function CountOf({ asked }: { readonly asked: BackfillAsked }) {
  const { data } = useQuery(previewQuery(asked));
  return <b>{data === undefined ? "…" : figure(data.run)}</b>;
}
