import { useState } from "react";
import { queryClient } from "../../api/query-client.ts";
import type { RunDetail, TaskRun } from "../../api/runs.ts";
import { tutti } from "../../api/tutti.ts";
import { useAct } from "../../components/act.ts";
import { Button } from "../../components/button.tsx";
import { CommandStrip, commandLine, curlText } from "../../components/command-strip.tsx";
import { Segments } from "../../components/segments.tsx";
import { shortName } from "../../words/short-name.ts";
import { count } from "../../words/count-text.ts";
import { runFor } from "../../words/run-for.ts";

interface RetryPanelProps {
  readonly run: RunDetail;
  readonly rootCause: TaskRun | null;
  readonly taskRuns: readonly TaskRun[];
  readonly onClose: () => void;
}

type From = "failed" | "first";
type Code = "same" | "latest";

/** Where from and with which code; what that keeps, and what it runs again. */
export function RetryPanel({ run, rootCause, taskRuns, onClose }: RetryPanelProps) {
  const canKeep = run.state !== "succeeded";
  const [from, setFrom] = useState<From>(canKeep ? "failed" : "first");
  const [code, setCode] = useState<Code>("same");
  const [key] = useState(() => crypto.randomUUID());
  const body = {
    ...(from === "first" ? { fresh: true } : {}),
    ...(code === "latest" ? { version: "latest" as const } : {}),
  };
  const retry = useAct({
    needs: "operator",
    act: () =>
      tutti().post("/api/runs/{run}/retry", {
        params: { run: run.id },
        body,
        key: `${key} ${JSON.stringify(body)}`.replaceAll(/\s/g, "-"),
      }),
    say: () => `${run.workflow} ${runFor(run)} goes on.`,
    after: (told) => {
      queryClient.setQueryData(["run", run.id], told);
      onClose();
    },
  });
  const kept =
    from === "first" ? 0 : taskRuns.filter(({ state }) => state === "succeeded" || state === "skipped").length;
  const again = taskRuns.length - kept;
  return (
    <div className="panel" role="group" aria-label="Retry">
      <div className="row">
        {canKeep && (
          <Segments
            label="from where"
            value={from}
            onChange={setFrom}
            options={[
              ["failed", rootCause === null ? "what did not succeed" : `from ${shortName(rootCause.task)}`],
              ["first", "from the first task"],
            ]}
          />
        )}
        <Segments
          label="code"
          value={code}
          onChange={setCode}
          options={[
            ["same", `same code, ${run.version.slice(0, 8)}`],
            ["latest", "latest code"],
          ]}
        />
      </div>
      <p className="dim">
        Runs {count(again, "task run")} again, keeps {kept}.
      </p>
      <div className="row">
        <Button go focused busy={retry.busy} refusal={retry.refusal} onPress={retry.run}>
          Retry
        </Button>
        <Button onPress={onClose}>Leave it</Button>
      </div>
      <CommandStrip
        cli={commandLine(
          "tutti",
          "retry",
          run.id,
          ...(from === "first" ? ["--fresh"] : []),
          ...(code === "latest" ? ["--version", "latest"] : []),
        )}
        curl={curlText("POST", `/api/runs/${run.id}/retry`, body)}
        ts={`await tutti.post("/api/runs/{run}/retry", { params: { run: "${run.id}" }, body: ${JSON.stringify(body)} });`}
      />
    </div>
  );
}
