import { useState } from "react";
import type { FormField } from "../../form/schema.ts";
import { Segments } from "../segments.tsx";
import { ParamField } from "./param-field.tsx";

export type Params = Readonly<Record<string, unknown>>;

interface ParamsFormProps {
  /** `null`: there is no schema that a form could be made of. */
  readonly fields: readonly FormField[] | null;
  readonly params: Params;
  readonly problems: ReadonlyMap<string, string>;
  readonly onChange: (params: Params) => void;
  readonly onBroken: (broken: boolean) => void;
}

/** Params as fields, or as JSON: the same either way. */
export function ParamsForm({ fields, params, problems, onChange, onBroken }: ParamsFormProps) {
  const [mode, setMode] = useState<"form" | "json">(fields === null ? "json" : "form");
  const set = (name: string, value: unknown): void =>
    onChange(Object.fromEntries(Object.entries({ ...params, [name]: value }).filter(([, each]) => each !== undefined)));
  return (
    <>
      {fields !== null && (
        <div className="modes">
          <Segments
            label="how"
            value={mode}
            onChange={setMode}
            options={[
              ["form", "Form"],
              ["json", "JSON"],
            ]}
          />
        </div>
      )}
      {mode === "form" && fields !== null ? (
        fields.map((field) => (
          <ParamField
            key={field.name}
            field={field}
            value={params[field.name]}
            problem={problems.get(field.name) ?? null}
            onChange={(value) => set(field.name, value)}
          />
        ))
      ) : (
        <JsonParams params={params} onChange={onChange} onBroken={onBroken} />
      )}
    </>
  );
}

function JsonParams({ params, onChange, onBroken }: Pick<ParamsFormProps, "params" | "onChange" | "onBroken">) {
  const [text, setText] = useState(() => JSON.stringify(params, null, 2));
  const [problem, setProblem] = useState<string | null>(null);
  const write = (next: string): void => {
    setText(next);
    try {
      const value = JSON.parse(next === "" ? "{}" : next) as unknown;
      if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("Params are an object.");
      setProblem(null);
      onBroken(false);
      onChange(value as Params);
    } catch (error) {
      setProblem((error as Error).message);
      onBroken(true);
    }
  };
  return (
    <div className={problem === null ? "" : "bad"}>
      <textarea
        className="in json mono"
        rows={Math.min(20, Math.max(6, text.split("\n").length + 1))}
        aria-label="Params as JSON"
        aria-invalid={problem !== null || undefined}
        spellCheck={false}
        value={text}
        onChange={({ target }) => write(target.value)}
      />
      {problem !== null && (
        <p className="help" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
