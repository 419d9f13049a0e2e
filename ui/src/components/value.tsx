import { useState } from "react";
import { figure } from "../words/count-text.ts";
import { jsonText, shortText } from "../words/value-text.ts";

const SHOWN_CHARS = 4_000;
const SHOWN_FIELDS = 12;

/** A value that a task was given, or made: a record as names and values, everything else as JSON. */
export function Value({ value }: { readonly value: unknown }) {
  const [all, setAll] = useState(false);
  if (isRecord(value)) {
    const fields = Object.entries(value);
    return (
      <>
        <dl className="kv">
          {fields.slice(0, all ? undefined : SHOWN_FIELDS).map(([name, part]) => (
            <Field key={name} name={name} value={part} />
          ))}
        </dl>
        {fields.length > SHOWN_FIELDS && !all && (
          <More onPress={() => setAll(true)} count={fields.length - SHOWN_FIELDS} of="fields" />
        )}
      </>
    );
  }
  const text = jsonText(value);
  return (
    <>
      <pre className="code value" tabIndex={0}>
        {all ? text : text.slice(0, SHOWN_CHARS)}
      </pre>
      {text.length > SHOWN_CHARS && !all && (
        <More onPress={() => setAll(true)} count={text.length - SHOWN_CHARS} of="characters" />
      )}
    </>
  );
}

const Field = ({ name, value }: { readonly name: string; readonly value: unknown }) => (
  <>
    <dt className="cut" title={name}>
      {name}
    </dt>
    <dd className="wrap">{shortText(value)}</dd>
  </>
);

const More = ({
  onPress,
  count,
  of,
}: {
  readonly onPress: () => void;
  readonly count: number;
  readonly of: string;
}) => (
  <button type="button" className="link" onClick={onPress}>
    {figure(count)} more {of}
  </button>
);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
