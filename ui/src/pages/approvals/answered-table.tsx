import { Link } from "@tanstack/react-router";
import type { Approval } from "../../api/approvals.ts";
import { StateWord } from "../../components/mark.tsx";
import { Moment } from "../../components/moment.tsx";
import { shortText } from "../../words/value-text.ts";

const MARKS = { open: "person", approved: "succeeded", rejected: "cancelled", over: "skipped" } as const;

/** What was answered, by whom, and with what. */
export const AnsweredTable = ({
  approvals,
  chosen,
}: {
  readonly approvals: readonly Approval[];
  readonly chosen: string | undefined;
}) => (
  <table>
    <thead>
      <tr>
        <th>answer</th>
        <th>question</th>
        <th className="wide">with</th>
        <th>by</th>
        <th>at</th>
      </tr>
    </thead>
    <tbody>
      {approvals.map(({ id, title, state, runId, workflow, task, answer }) => (
        <tr key={id} className={id === chosen ? "on" : undefined}>
          <td>
            <StateWord state={MARKS[state]}>{state}</StateWord>
          </td>
          <td className="wrap">
            {title}{" "}
            <Link className="link dim" to="/runs/$run" params={{ run: runId }} search={{ task }}>
              {workflow}
            </Link>
            {answer !== null && answer.comment !== null && <p className="dim">{answer.comment}</p>}
          </td>
          <td className="wide dim wrap">{answer === null || answer.form === null ? "" : shortText(answer.form)}</td>
          <td className="wrap">{answer?.by ?? <span className="faint">nobody</span>}</td>
          <td className="nowrap">{answer === null ? "–" : <Moment at={answer.at} />}</td>
        </tr>
      ))}
    </tbody>
  </table>
);
