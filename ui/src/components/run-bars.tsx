import { lengthOf } from "../words/run-length.ts";
import { durationText } from "../words/duration-text.ts";
import type { RunState } from "../words/state.ts";
import { runFor } from "../words/run-for.ts";

export interface BarRun {
  readonly id: string;
  readonly state: RunState;
  readonly date: string;
  readonly partition?: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

const HEIGHT = 14;
const LEAST = 4;

/** The last runs, oldest first: height is how long they ran, colour and foot how they ended. */
export function RunBars({ runs, now }: { readonly runs: readonly BarRun[]; readonly now: number }) {
  const lengths = runs.map((run) => lengthOf(run, now));
  const longest = Math.max(1, ...lengths);
  const words = runs.map((run) => `${runFor(run)} ${run.state}`).join(", ");
  return (
    <span className="bars" role="img" aria-label={`Last ${runs.length} runs: ${words}`}>
      {runs.map((run, at) => (
        <i
          key={run.id}
          className={run.state}
          title={`${runFor(run)} ${run.state}, ${durationText(lengths[at]!)}`}
          style={{ height: LEAST + (HEIGHT - LEAST) * Math.sqrt(lengths[at]! / longest) }}
        />
      ))}
    </span>
  );
}
