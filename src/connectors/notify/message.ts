/** Something to tell, which each channel shows in its own way. All of it is text: nothing in it is markup. */
export interface Message {
  /** One line. */
  readonly title: string;
  /** One or more paragraphs. Default: none. */
  readonly text?: string;
  /** How it looks. Default: `"info"`. */
  readonly level?: "info" | "success" | "warning" | "error";
  /** Short facts by name. Default: none. */
  readonly fields?: Readonly<Record<string, string | number>>;
  /** Lines shown as they are, e.g. the end of a log. Default: none. */
  readonly lines?: readonly string[];
  /** Where more is to be seen. Default: none. */
  readonly url?: string;
}

export type Level = NonNullable<Message["level"]>;

export const messageOf = (message: string | Message): Message =>
  typeof message === "string" ? { title: message } : message;

/** `text`, or its beginning with a mark that it is one. */
export const cut = (text: string, limit: number): string =>
  text.length <= limit ? text : `${text.slice(0, limit - 1).toWellFormed()}…`;

/** A message as plain text, for channels and parts that have nothing else. */
export function plainText({ title, text, fields = {}, lines = [], url }: Message): string {
  const facts = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return [title, text, facts.join("\n"), lines.join("\n"), url]
    .filter((part) => part !== undefined && part !== "")
    .join("\n\n");
}
