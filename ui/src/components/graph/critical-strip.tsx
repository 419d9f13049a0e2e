import { durationText } from "../../words/duration-text.ts";
import { Mark } from "../mark.tsx";
import type { State } from "../../words/state.ts";

export interface PathPart {
  readonly task: string;
  readonly state: State;
  readonly ms: number;
}

interface CriticalStripProps {
  readonly parts: readonly PathPart[];
  readonly totalMs: number;
  readonly onSelect: (task: string) => void;
}

/** The longest way through the graph again, in time. */
export function CriticalStrip({ parts, totalMs, onSelect }: CriticalStripProps) {
  const own = parts.reduce((sum, { ms }) => sum + ms, 0);
  if (parts.length === 0) return null;
  return (
    <section className="cp" aria-label="Critical path">
      <h2>
        Critical path
        <small>
          {durationText(own)} of {durationText(totalMs)}{" "}
          {parts.length === 1 ? "is this task" : `are these ${parts.length} tasks`}
        </small>
      </h2>
      <div className="cps">
        {parts.map(({ task, state, ms }) => (
          <button
            type="button"
            key={task}
            className={state}
            title={`${task}: ${state}, ${durationText(ms)}`}
            style={{ flexGrow: Math.max(1, ms) }}
            onClick={() => onSelect(task)}
          >
            <i />
            <b className="cut">
              <Mark state={state} /> {task}
            </b>
            {durationText(ms)}
          </button>
        ))}
      </div>
    </section>
  );
}
