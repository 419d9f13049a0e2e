import { useNavigate, getRouteApi } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import type { RunDetail } from "../../api/runs.ts";
import { tutti } from "../../api/tutti.ts";
import type { Graph, WorkflowDetail } from "../../api/workflows.ts";
import { useAct } from "../../components/act.ts";
import { CommandStrip, commandLine, curlText } from "../../components/command-strip.tsx";
import { type Params, ParamsForm } from "../../components/form/params-form.tsx";
import { Section } from "../../components/section.tsx";
import { problemOf } from "../../form/check-field.ts";
import { fieldsOf, type Schema } from "../../form/schema.ts";
import { RecentParams } from "./recent-params.tsx";
import { StartPlan } from "./start-plan.tsx";
import { type AskedWindow, WindowFields, windowBody } from "./window-fields.tsx";

interface StartFormProps {
  readonly workflow: WorkflowDetail;
  readonly graph: Graph;
  readonly model: RunDetail | undefined;
}

const route = getRouteApi("/workflows/$workflow/start");

/** Form left, the plan it makes right. What is typed stays, whatever happens to the session. */
export function StartForm({ workflow, graph, model }: StartFormProps) {
  const { manifest, name } = workflow;
  const navigate = useNavigate();
  const search = route.useSearch();
  const [asked, ask] = useState<AskedWindow>({
    date: search.date ?? model?.date ?? "",
    partition: search.date === undefined ? (model?.partition ?? "") : "",
  });
  const [params, setParams] = useState<Params>(() => (isRecord(model?.input) ? model.input : {}));
  const [broken, setBroken] = useState(false);
  const [key] = useState(() => crypto.randomUUID());
  const schema = manifest.params?.schema as Schema | null | undefined;
  const fields = useMemo(() => (schema === null || schema === undefined ? null : fieldsOf(schema)), [schema]);
  const problems = useMemo(() => {
    const found = (fields ?? []).map((field) => [field.name, problemOf(field, params[field.name])] as const);
    return new Map(found.filter((each): each is readonly [string, string] => each[1] !== null));
  }, [fields, params]);
  const takes = manifest.params !== null;
  const keeps = manifest.tasks.some(({ cacheForMs }) => cacheForMs !== undefined);
  // Whoever starts a run like another one wants to see it run.
  const [fresh, setFresh] = useState(keeps && model !== undefined);
  const body = {
    workflow: name,
    ...windowBody(asked),
    ...(takes ? { params } : {}),
    ...(fresh ? { fresh } : {}),
  };
  const start = useAct({
    needs: "operator",
    act: () => tutti().post("/api/runs", { body, key: `${key}-${fingerprint(body)}` }),
    after: ({ id }) => void navigate({ to: "/runs/$run", params: { run: id } }),
  });
  const wrong = [...problems.keys()];
  const refusal =
    start.refusal ??
    (broken ? "The JSON can't be read." : wrong.length > 0 ? `${wrong.length} to correct: ${wrong.join(", ")}` : null);
  useSubmitKey(() => refusal === null && !start.busy && start.run());
  return (
    <>
      <div className="split startsplit">
        <div>
          <WindowFields manifest={manifest} asked={asked} onAsk={ask} />
          <Section name="Params" note={takes ? "from the workflow's schema" : undefined}>
            {takes ? (
              <>
                <RecentParams workflow={name} onTake={setParams} />
                <ParamsForm
                  key={JSON.stringify(model?.id)}
                  fields={fields}
                  params={params}
                  problems={problems}
                  onChange={setParams}
                  onBroken={setBroken}
                />
              </>
            ) : (
              <p className="dim">It takes none.</p>
            )}
          </Section>
        </div>
        <StartPlan
          graph={graph}
          wrong={wrong}
          refusal={refusal}
          busy={start.busy}
          fresh={keeps ? fresh : null}
          onFresh={setFresh}
          onStart={start.run}
        />
      </div>
      <CommandStrip
        cli={commandLine(
          "tutti",
          "run",
          name,
          ...Object.entries(windowBody(asked)).flatMap(([option, value]) => [`--${option}`, value]),
          ...(takes && Object.keys(params).length > 0 ? ["--params", JSON.stringify(params)] : []),
          ...(fresh ? ["--fresh"] : []),
        )}
        curl={curlText("POST", "/api/runs", body)}
        ts={`await tutti.post("/api/runs", { body: ${JSON.stringify(body)} });`}
      />
    </>
  );
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is asked under one key must be the same. */
function fingerprint(body: object): string {
  let hash = 5381;
  for (const character of JSON.stringify(body)) hash = (Math.imul(hash, 33) ^ character.charCodeAt(0)) >>> 0;
  return hash.toString(36);
}

function useSubmitKey(submit: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) submit();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
}
