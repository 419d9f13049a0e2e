import { lengthOf } from "../words/run-length.ts";
import { durationText } from "../words/duration-text.ts";
import type { RunState } from "../words/state.ts";

export interface BarRun {
  readonly id: string;
  readonly state: RunState;
  readonly date: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

const HEIGHT = 14;
const LEAST = 4;

/** The last runs, oldest first: height is how long they ran, colour and foot how they ended. */
export function RunBars({ runs, now }: { readonly runs: readonly BarRun[]; readonly now: number }) {
  const lengths = runs.map((run) => lengthOf(run, now));
  const longest = Math.max(1, ...lengths);
  const words = runs.map(({ date, state }) => `${date} ${state}`).join(", ");
  return (
    <span className="bars" role="img" aria-label={`Last ${runs.length} runs: ${words}`}>
      {runs.map(({ id, state, date }, at) => (
        <i
          key={id}
          className={state}
          title={`${date} ${state}, ${durationText(lengths[at]!)}`}
          style={{ height: LEAST + (HEIGHT - LEAST) * Math.sqrt(lengths[at]! / longest) }}
        />
      ))}
    </span>
  );
}
