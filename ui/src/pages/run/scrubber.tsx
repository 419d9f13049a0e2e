import { useEffect, useState } from "react";
import { Button } from "../../components/button.tsx";
import { secondsText } from "../../words/time-text.ts";
import type { ShownRun } from "./use-run.ts";

interface ScrubberProps {
  readonly shown: ShownRun;
  readonly begin: number;
  readonly end: number;
  /** The moment that is looked at; none: now. */
  readonly at: number | undefined;
  readonly onMove: (at: number | undefined) => void;
}

const STEPS = 100;
const PLAY_MS = 80;

/** Back to any moment of the run, and on from there. */
export function Scrubber({ shown, begin, end, at, onMove }: ScrubberProps) {
  const [playing, setPlaying] = useState(false);
  const step = Math.max(1, Math.round((end - begin) / STEPS));
  useEffect(() => {
    if (!playing || at === undefined) return;
    const timer = setTimeout(() => {
      const next = at + step;
      if (next >= end) {
        setPlaying(false);
        onMove(undefined);
      } else onMove(next);
    }, PLAY_MS);
    return () => clearTimeout(timer);
  }, [playing, at, step, end, onMove]);
  const moments = momentsOf(shown);
  const current = at ?? end;
  const to = (moment: number | undefined): void =>
    onMove(moment === undefined || moment >= end ? undefined : Math.max(begin, moment));
  return (
    <div className="scrub">
      <label>
        <span className="cap">{at === undefined ? "as it is" : "as it was at"} </span>
        <b>{secondsText(current)}</b>
        <input
          type="range"
          aria-label="Moment of the run"
          aria-valuetext={secondsText(current)}
          min={begin}
          max={end}
          step={Math.max(1, Math.floor(step / 10))}
          value={current}
          onChange={({ target }) => to(Number(target.value))}
        />
      </label>
      <Button
        small
        label="previous change"
        onPress={() => to(moments.findLast((moment) => moment < current - 1) ?? begin)}
      >
        ‹ change
      </Button>
      <Button
        small
        label="next change"
        refusal={at === undefined ? "This is the end." : null}
        onPress={() => to(moments.find((moment) => moment > current + 1))}
      >
        change ›
      </Button>
      <Button
        small
        onPress={() => {
          if (!playing && at === undefined) onMove(begin);
          setPlaying(!playing);
        }}
      >
        {playing ? "Stop" : "Play"}
      </Button>
      {at !== undefined && (
        <Button small onPress={() => to(undefined)}>
          Now
        </Button>
      )}
    </div>
  );
}

/** When anything changed, in order. */
function momentsOf({ taskRuns, attempts }: ShownRun): number[] {
  const all = [...taskRuns, ...attempts].flatMap(({ queuedAt, startedAt, endedAt }) => [queuedAt, startedAt, endedAt]);
  return [...new Set(all.flatMap((moment) => (moment === null ? [] : [Date.parse(moment)])))].sort((a, b) => a - b);
}
