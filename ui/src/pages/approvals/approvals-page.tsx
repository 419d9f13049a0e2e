import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type Approval, approvalsQuery } from "../../api/approvals.ts";
import { CommandStrip, curlText } from "../../components/command-strip.tsx";
import { Empty } from "../../components/empty.tsx";
import { Head } from "../../components/head.tsx";
import { Moment } from "../../components/moment.tsx";
import { Section } from "../../components/section.tsx";
import { useNow } from "../../components/now.ts";
import { spelled } from "../../words/count-text.ts";
import { durationText } from "../../words/duration-text.ts";
import { AnsweredTable } from "./answered-table.tsx";
import { Question } from "./question.tsx";
import "../../styles/form.css";
import "../../styles/why.css";
import "../../styles/approvals.css";

const route = getRouteApi("/approvals");

/** What do tasks ask people? */
export function ApprovalsPage() {
  const { id } = route.useSearch();
  const { data: approvals } = useQuery(approvalsQuery);
  if (approvals === undefined) return null;
  const open = approvals.filter(({ state }) => state === "open");
  const others = approvals.filter(({ state }) => state !== "open");
  const chosen = open.find((each) => each.id === id) ?? (id === undefined ? open[0] : undefined);
  const isOver = id !== undefined && chosen === undefined && !others.some((each) => each.id === id);
  return (
    <>
      <Head
        answer
        title={titleOf(open.length)}
        {...(open[0] === undefined
          ? {}
          : {
              facts: (
                <span>
                  the first was asked at <Moment at={open[0].askedAt} />
                </span>
              ),
            })}
      />
      {isOver && (
        <p className="note" role="status">
          The question <code>{id}</code> is over: it was answered, its time has passed, or its run has gone on without.
        </p>
      )}
      {open.length > 0 && (
        <Section name="Waiting for you" note="the longest asked first">
          <ol className="asks">
            {open.map((approval) => (
              <li key={approval.id} className={approval === chosen ? "ask on" : "ask"}>
                <AskLine approval={approval} isOpen={approval === chosen} />
                {approval === chosen && <Question key={approval.id} approval={approval} />}
              </li>
            ))}
          </ol>
        </Section>
      )}
      {open.length === 0 && (
        <Empty>
          A task that calls <code>ctx.approval</code> waits for a person, without a slot, as long as it takes. Its
          question stands here, and in <code>tutti approvals</code>.
        </Empty>
      )}
      {others.length > 0 && (
        <Section name="Answered" note="whose task runs have not ended yet">
          <AnsweredTable approvals={others} chosen={id} />
        </Section>
      )}
      {open.length === 0 && <CommandStrip cli="tutti approvals" curl={curlText("GET", "/api/approvals")} />}
    </>
  );
}

const titleOf = (open: number): string =>
  open === 0 ? "Nobody is asked anything." : `${spelled(open)} ${open === 1 ? "question waits" : "questions wait"}.`;

function AskLine({ approval, isOpen }: { readonly approval: Approval; readonly isOpen: boolean }) {
  const now = useNow();
  const { id, title, workflow, task, mapIndex, askedAt, until, onTimeout } = approval;
  return (
    <div className="askline">
      <h3>
        <Link to="/approvals" search={{ id }} aria-current={isOpen ? "true" : undefined} resetScroll={false}>
          {title}
        </Link>
      </h3>
      <p className="dim wrap">
        <Link className="link" to="/runs/$run" params={{ run: approval.runId }} search={{ task }}>
          {workflow}
        </Link>{" "}
        / {task}
        {mapIndex !== null && `[${mapIndex}]`}, asked {durationText(Math.max(0, now - Date.parse(askedAt)))} ago
        {until !== null && (
          <>
            ; {onTimeout === "fail" ? "fails" : onTimeout === "approve" ? "counts as approved" : "counts as rejected"}{" "}
            at <Moment at={until} />
          </>
        )}
      </p>
    </div>
  );
}
