import { Link, useNavigate } from "@tanstack/react-router";
import type { Approval } from "../../api/approvals.ts";
import { Button } from "../../components/button.tsx";
import { Mark } from "../../components/mark.tsx";
import { Moment } from "../../components/moment.tsx";
import { Section } from "../../components/section.tsx";
import { durationText } from "../../words/duration-text.ts";

interface AskedSectionProps {
  readonly asked: readonly Approval[];
  readonly now: number;
}

const SHOWN = 4;

/** What tasks ask, and nobody has answered yet. */
export function AskedSection({ asked, now }: AskedSectionProps) {
  const navigate = useNavigate();
  return (
    <Section name="Waits for an answer">
      <div className="needs">
        {asked.slice(0, SHOWN).map(({ id, title, workflow, task, runId, askedAt, until }) => (
          <div className="need" key={id}>
            <span className="kind">
              <Mark state="person" /> Approval
            </span>
            <div className="what">
              <Link to="/approvals" search={{ id }}>
                <b className="wrap">{title}</b>
              </Link>
              <p>
                <Link to="/runs/$run" params={{ run: runId }} search={{ task }}>
                  {workflow}
                </Link>{" "}
                / {task}
              </p>
            </div>
            <span className="hist" />
            <div className="since">
              {until === null ? (
                <Moment at={askedAt} />
              ) : (
                <>
                  until <Moment at={until} />
                </>
              )}
              <br />
              <span className="faint">{durationText(Math.max(0, now - Date.parse(askedAt)))} ago</span>
            </div>
            <div className="do">
              <Button onPress={() => void navigate({ to: "/approvals", search: { id } })}>Answer</Button>
            </div>
          </div>
        ))}
        {asked.length > SHOWN && (
          <Link className="link" to="/approvals">
            and {asked.length - SHOWN} more
          </Link>
        )}
      </div>
    </Section>
  );
}
