import { getRouteApi, Link } from "@tanstack/react-router";
import { Head } from "../../components/head.tsx";
import { isOver, useRun } from "../run/use-run.ts";
import { WhyFailed } from "./why-failed.tsx";
import { WhyNotYet } from "./why-not-yet.tsx";
import "../../styles/why.css";
import { runFor } from "../../words/run-for.ts";

const route = getRouteApi("/runs/$run/why");

/** Why did it fail; why has it not started? */
export function WhyPage() {
  const { run: id } = route.useParams();
  const { task, map } = route.useSearch();
  const state = useRun(id);
  if (state.kind === "loading") return null;
  if (state.kind === "gone") return <Head answer title="This run has been removed." />;
  const { shown } = state;
  if (!isOver(shown.run) || task !== undefined) return <WhyNotYet run={shown.run} task={task} mapIndex={map} />;
  if (shown.rootCause !== null) return <WhyFailed {...shown} rootCause={shown.rootCause} />;
  return (
    <Head
      answer
      title={shown.run.state === "succeeded" ? "It did not fail." : "It was cancelled."}
      facts={
        <Link className="link" to="/runs/$run" params={{ run: shown.run.id }}>
          {shown.run.workflow} {runFor(shown.run)}
        </Link>
      }
    />
  );
}
