import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type BackfillAsked, previewQuery } from "../../api/backfills.ts";
import { queryClient } from "../../api/query-client.ts";
import { tutti } from "../../api/tutti.ts";
import type { WorkflowDetail } from "../../api/workflows.ts";
import { useAct } from "../../components/act.ts";
import { Button } from "../../components/button.tsx";
import { CommandStrip, commandLine, curlText } from "../../components/command-strip.tsx";
import { Segments } from "../../components/segments.tsx";
import { count } from "../../words/count-text.ts";
import type { Painted } from "./calendar.tsx";
import { RunWhich } from "./run-which.tsx";
import { WhatWillHappen } from "./what-will-happen.tsx";

interface BackfillFormProps {
  readonly workflow: WorkflowDetail;
  readonly schedule: string;
  readonly painted: Painted;
}

const MOST_AT_ONCE = 100;

/** Which windows, in which order, how many at once, with which code; and what that comes to. */
export function BackfillForm({ workflow, schedule, painted }: BackfillFormProps) {
  const [reprocess, setReprocess] = useState<BackfillAsked["reprocess"]>("failed");
  const [order, setOrder] = useState<BackfillAsked["order"]>("oldest");
  const [version, setVersion] = useState<BackfillAsked["version"]>("latest");
  const [atOnce, setAtOnce] = useState(4);
  const [key] = useState(() => crypto.randomUUID());
  const asked: BackfillAsked = {
    workflow: workflow.name,
    schedule,
    ...painted,
    reprocess,
    order,
    maxActiveRuns: atOnce,
    version,
  };
  const { data: preview, error } = useQuery(previewQuery(asked));
  const start = useAct({
    needs: "operator",
    act: () =>
      tutti().post("/api/backfills", {
        body: asked,
        key: `${key}-${[painted.from, painted.to, reprocess, order, atOnce, version].join("-")}`,
      }),
    say: ({ total }) => `The backfill has begun: ${count(total, "window")}.`,
    after: () => {
      for (const name of ["backfills", "windows", "backfill-preview"])
        void queryClient.invalidateQueries({ queryKey: [name] });
    },
  });
  const runs = preview?.run ?? 0;
  return (
    <>
      <h2>
        {painted.from} to {painted.to}
      </h2>
      <p className="dim">{preview === undefined ? "…" : `${count(preview.total, "window")} painted`}</p>
      <h3>Run which</h3>
      <RunWhich asked={asked} value={reprocess} onChange={setReprocess} />
      <h3>How</h3>
      <div className="how">
        <div>
          order
          <Segments
            label="order"
            value={order}
            onChange={setOrder}
            options={[
              ["oldest", "oldest first"],
              ["newest", "newest"],
            ]}
          />
        </div>
        <div>
          <label htmlFor="at-once">at once</label>
          <input
            id="at-once"
            className="in"
            type="number"
            min={1}
            max={MOST_AT_ONCE}
            value={atOnce}
            onChange={({ target }) =>
              setAtOnce(Math.min(MOST_AT_ONCE, Math.max(1, Math.round(Number(target.value)) || 1)))
            }
          />
        </div>
        <div>
          code
          <Segments
            label="code"
            value={version}
            onChange={setVersion}
            options={[
              ["same", "as it ran"],
              ["latest", "latest"],
            ]}
          />
        </div>
      </div>
      <h3>What will happen</h3>
      {error !== null ? (
        <p className="err" role="alert">
          {error.message}
        </p>
      ) : (
        <WhatWillHappen workflow={workflow} preview={preview} atOnce={atOnce} />
      )}
      <div className="sacts">
        <Button
          go
          busy={start.busy}
          refusal={start.refusal ?? (runs === 0 ? "There is nothing to run." : null)}
          onPress={start.run}
        >
          Start {count(runs, "run")}
        </Button>
      </div>
      <CommandStrip
        cli={commandLine(
          "tutti",
          "backfill",
          workflow.name,
          "--from",
          painted.from,
          "--to",
          painted.to,
          ...(workflow.manifest.schedules.length > 1 ? ["--schedule", schedule] : []),
          ...(reprocess === "none" ? [] : ["--reprocess", reprocess]),
          ...(order === "oldest" ? [] : ["--order", order]),
          "--max-active-runs",
          String(atOnce),
          ...(version === "latest" ? [] : ["--version", version]),
        )}
        curl={curlText("POST", "/api/backfills", asked)}
      />
    </>
  );
}
