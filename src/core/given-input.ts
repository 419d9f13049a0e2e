import type { StoredValue } from "./value.ts";

/** What the body of a flow gives to a task run, as one text: the value, or where it rests in the artifact store. */
export const givenText = (given: StoredValue): string =>
  given.kind === "inline" ? `=${given.text}` : `@${given.bytes} ${given.uri}`;

export function givenValue(text: string): StoredValue {
  if (text.startsWith("=")) return { kind: "inline", text: text.slice(1) };
  const space = text.indexOf(" ");
  return { kind: "frame", bytes: Number(text.slice(1, space)), uri: text.slice(space + 1) };
}
