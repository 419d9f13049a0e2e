import type { TaskRunDetail } from "../../api/runs.ts";
import { Mark } from "../../components/mark.tsx";
import { Moment } from "../../components/moment.tsx";
import { durationText } from "../../words/duration-text.ts";
import { type State, STATES } from "../../words/state.ts";

type Attempts = TaskRunDetail["attempts"];

/** Every execution of a task run, in order. */
export const StepsOf = ({ attempts }: { readonly attempts: Attempts }) => (
  <>
    <h3>
      Attempts <span>{attempts.length}</span>
    </h3>
    <table className="att">
      <tbody>
        {attempts.map(({ claim, attempt, outcome, startedAt, endedAt, error }) => (
          <tr key={claim} title={error?.message}>
            <td>
              <Mark state={markOf(outcome)} /> {attempt}
            </td>
            <td>
              <Moment at={startedAt ?? endedAt} as="seconds" />
            </td>
            <td className="num">
              {startedAt === null ? "–" : durationText(Date.parse(endedAt) - Date.parse(startedAt))}
            </td>
            <td className="faint">{outcome}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </>
);

const markOf = (outcome: string): State =>
  (STATES as readonly string[]).includes(outcome) ? (outcome as State) : "cancelled";
