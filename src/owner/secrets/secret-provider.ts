import type { ValueAsk } from "../../engine/children/host-options.ts";
import type { ErrorData } from "../../core/errors.ts";

/** What somebody who keeps secrets answers: values by name, and by name why one can't be had. What it does not have is in neither. */
export interface ProvidedValues {
  readonly values: Readonly<Record<string, string>>;
  readonly problems: Readonly<Record<string, ErrorData>>;
}

/** Somebody who keeps connections and secrets. They are asked in order; the first who has a value, or says why not, is believed. */
export interface SecretProvider {
  /** In words, for errors. */
  readonly name: string;
  read(ask: ValueAsk): Promise<ProvidedValues>;
}

export const NONE: ProvidedValues = { values: {}, problems: {} };

/** Asks for one name after the other. */
export async function eachName(
  { names }: ValueAsk,
  read: (name: string) => Promise<string | null>,
  failed: (error: unknown) => ErrorData,
): Promise<ProvidedValues> {
  const values: Record<string, string> = {};
  const problems: Record<string, ErrorData> = {};
  for (const name of names)
    try {
      const value = await read(name);
      if (value !== null) values[name] = value;
    } catch (error) {
      problems[name] = failed(error);
    }
  return { values, problems };
}
