import { useNavigate } from "@tanstack/react-router";
import { tutti } from "../../api/tutti.ts";
import { useAct } from "../../components/act.ts";
import { Button } from "../../components/button.tsx";
import { queryClient } from "../../api/query-client.ts";
import { useState } from "react";
import { shortName } from "../../words/short-name.ts";
import { isAsked } from "../../approvals/is-asked.ts";
import { RetryPanel } from "./retry-panel.tsx";
import { isOver, type ShownRun, useNeighbours } from "./use-run.ts";
import { runFor } from "../../words/run-for.ts";

/** What can be done with a run: the first is what is likely to help. */
export function RunActs({ run, rootCause, taskRuns }: ShownRun) {
  const navigate = useNavigate();
  const { before, after } = useNeighbours(run);
  const [retrying, setRetrying] = useState(false);
  const go = (id: string | null) => (): void =>
    id === null ? undefined : void navigate({ to: "/runs/$run", params: { run: id } });
  const cancel = useAct({
    needs: "operator",
    act: () => tutti().post("/api/runs/{run}/cancel", { params: { run: run.id } }),
    say: () => `${run.workflow} ${runFor(run)} stops: what waits is cancelled, running tasks are told.`,
    after: (told) => queryClient.setQueryData(["run", run.id], told),
  });
  const over = isOver(run);
  const asked = taskRuns.find(({ waits }) => isAsked(waits));
  const failed = run.state === "failed";
  const why = (): void => void navigate({ to: "/runs/$run/why", params: { run: run.id } });
  return (
    <>
      <Button
        bare
        label="previous run"
        shortcut="["
        refusal={before === null ? "There is none." : null}
        onPress={go(before)}
      >
        ‹
      </Button>
      <Button bare label="next run" shortcut="]" refusal={after === null ? "There is none." : null} onPress={go(after)}>
        ›
      </Button>
      {over && <Button onPress={() => void navigate({ to: "/compare", search: { b: run.id } })}>Compare</Button>}
      {over && (
        <Button
          onPress={() =>
            void navigate({
              to: "/workflows/$workflow/start",
              params: { workflow: run.workflow },
              search: { like: run.id },
            })
          }
        >
          Re-run…
        </Button>
      )}
      {over && (
        <Button shortcut="r" onPress={() => setRetrying(!retrying)}>
          {failed && rootCause !== null ? `Retry from ${shortName(rootCause.task)}…` : "Retry…"}
        </Button>
      )}
      {failed && (
        <Button go shortcut="w" onPress={why}>
          Why
        </Button>
      )}
      {asked !== undefined && (
        <Button go shortcut="a" onPress={() => void navigate({ to: "/approvals" })}>
          Answer
        </Button>
      )}
      {!over && (
        <Button shortcut="w" onPress={why}>
          Why not yet
        </Button>
      )}
      {!over && (
        <Button
          busy={cancel.busy}
          refusal={cancel.refusal ?? (run.cancelRequested ? "It is told already." : null)}
          onPress={cancel.run}
        >
          Cancel
        </Button>
      )}
      {retrying && over && (
        <RetryPanel run={run} rootCause={rootCause} taskRuns={taskRuns} onClose={() => setRetrying(false)} />
      )}
    </>
  );
}
