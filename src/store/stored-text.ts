/**
 * PostgreSQL's text holds every character but U+0000, Node 22 reads SQLite's text only up to it, and what a user typed may
 * hold that too. So it is written as `\0`, and a backslash as two.
 */
export const toStoredText = (text: string): string =>
  /[\\\0]/.test(text) ? text.replaceAll("\\", "\\\\").replaceAll("\0", "\\0") : text;

export const fromStoredText = (text: string): string =>
  text.includes("\\") ? text.replace(/\\([\\0])/g, (_, char: string) => (char === "0" ? "\0" : "\\")) : text;
