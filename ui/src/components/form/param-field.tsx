import { useId } from "react";
import { textOf, valueOf } from "../../form/field-text.ts";
import type { FormField } from "../../form/schema.ts";
import { Mark } from "../mark.tsx";

interface ParamFieldProps {
  readonly field: FormField;
  readonly value: unknown;
  readonly problem: string | null;
  readonly onChange: (value: unknown) => void;
}

/** One param: its name, its rule, a way to give it, and what is wrong with it. */
export function ParamField({ field, value, problem, onChange }: ParamFieldProps) {
  const id = useId();
  const { name, rule, schema } = field;
  const isGroup = field.kind === "choice" || field.kind === "choices" || field.kind === "flag";
  return (
    <div className={problem === null ? "f" : "f bad"} id={`param-${name}`}>
      <label htmlFor={isGroup ? undefined : id} id={`${id}l`}>
        {name}
        <small>{rule}</small>
      </label>
      <div>
        <Entry field={field} id={id} value={value} onChange={onChange} invalid={problem !== null} />
        {problem !== null && (
          <p className="help" id={`${id}p`} role="alert">
            <Mark state="failed" /> {problem}
          </p>
        )}
        {problem === null && (
          <p className="help">
            {schema.description !== undefined && `${schema.description}. `}
            {schema.default !== undefined && `Default ${JSON.stringify(schema.default)}.`}
          </p>
        )}
      </div>
    </div>
  );
}

interface EntryProps {
  readonly field: FormField;
  readonly id: string;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  readonly invalid: boolean;
}

function Entry({ field, id, value, onChange, invalid }: EntryProps) {
  const { kind, options, schema } = field;
  const current = value === undefined ? schema.default : value;
  if (kind === "choices") {
    const some = Array.isArray(current) ? (current as unknown[]) : [];
    return (
      <div className="opts" role="group" aria-labelledby={`${id}l`}>
        {options.map((option) => {
          const on = some.includes(option);
          return (
            <button
              key={String(option)}
              type="button"
              aria-pressed={on}
              onClick={() => onChange(options.filter((each) => (each === option ? !on : some.includes(each))))}
            >
              {String(option)}
            </button>
          );
        })}
      </div>
    );
  }
  if ((kind === "choice" && options.length <= 6) || kind === "flag")
    return (
      <div className="seg" role="group" aria-labelledby={`${id}l`}>
        {options.map((option) => (
          <button key={String(option)} type="button" aria-pressed={option === current} onClick={() => onChange(option)}>
            {String(option)}
          </button>
        ))}
      </div>
    );
  if (kind === "choice")
    return (
      <select
        id={id}
        className="in"
        value={textOf(field, current)}
        onChange={({ target }) => onChange(options.find((option) => textOf(field, option) === target.value))}
      >
        {options.map((option) => (
          <option key={String(option)}>{textOf(field, option)}</option>
        ))}
      </select>
    );
  return (
    <input
      id={id}
      className="in"
      type={kind === "date" ? "date" : "text"}
      inputMode={kind === "number" ? "decimal" : undefined}
      value={textOf(field, value)}
      placeholder={schema.default === undefined ? undefined : textOf(field, schema.default)}
      aria-invalid={invalid || undefined}
      aria-describedby={invalid ? `${id}p` : undefined}
      onChange={({ target }) => onChange(valueOf(field, target.value))}
    />
  );
}
