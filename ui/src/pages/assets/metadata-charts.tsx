import type { Materialization } from "../../api/assets.ts";
import { seriesOf } from "../../assets/series.ts";
import { figure } from "../../words/count-text.ts";
import { dayText } from "../../words/time-text.ts";

const SHOWN = 60;

/** Bars for each number that updates say of themselves, oldest first. */
export function MetadataCharts({ updates }: { readonly updates: readonly Materialization[] }) {
  const newest = updates.slice(0, SHOWN);
  const all = seriesOf(newest);
  if (all.length === 0)
    return (
      <p className="dim">
        Its updates say no number. <code>ctx.materialized(asset, {"{ rows: 171 }"})</code> says one.
      </p>
    );
  const [first, last] = [newest.at(-1)!, newest[0]!];
  return (
    <div className="series">
      {all.map(({ name, values }) => {
        const most = Math.max(1e-9, ...values.map((value) => Math.abs(value ?? 0)));
        return (
          <figure key={name}>
            <figcaption>
              {name} <b>{text(values.at(-1) ?? null)}</b>
            </figcaption>
            <div className="sbars" role="img" aria-label={`${name}: ${values.map(text).join(", ")}`}>
              {values.map((value, at) => (
                <i
                  key={at}
                  title={text(value)}
                  style={{ height: value === null ? 0 : `${Math.max(3, (Math.abs(value) / most) * 100)}%` }}
                />
              ))}
            </div>
            <div className="cap">
              <span>{dayText(Date.parse(first.at))}</span>
              <span>{dayText(Date.parse(last.at))}</span>
            </div>
          </figure>
        );
      })}
    </div>
  );
}

const text = (value: number | null): string =>
  value === null ? "not said" : Number.isInteger(value) ? figure(value) : String(Number(value.toPrecision(6)));
