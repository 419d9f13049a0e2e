import { TuttiError } from "../../core/errors.ts";
import { ConnectionFailed, ConnectionLost, SqlFailed } from "../sql/sql-errors.ts";

/** What `pg` throws: an answer of the server has `severity`, and a SQLSTATE as its `code`. */
export interface ServerError extends Error {
  readonly severity?: string;
  readonly code?: string;
  /** Where in a COPY. It shows the value, and is not shown. */
  readonly where?: string;
  readonly column?: string;
}

/** Nothing was sent yet, and the server may be there in a moment: starting, full, or its address is not known yet. */
const WORTH_WAITING = /^(57P03|53300|ECONNREFUSED|ECONNRESET|EAI_AGAIN|EPIPE)$/;
export const isWorthWaiting = (error: unknown): boolean => WORTH_WAITING.test((error as ServerError).code ?? "");

const REMEDIES: Readonly<Record<string, string>> = {
  "28P01": "Is the password in its URL right?",
  "28000": "May this user come from this machine? See pg_hba.conf of the server.",
  "3D000": "Make the database, or correct the name at the end of the URL.",
  "53300": "The server has no free connection. Raise its max_connections, or run fewer tasks at once.",
  ENOTFOUND: "Is the host in its URL right?",
  ECONNREFUSED: "Is the server up, and are host and port in the URL right?",
};

export const connectionFailed = (connection: string, error: unknown): ConnectionFailed =>
  new ConnectionFailed(connection, error, REMEDIES[(error as ServerError).code ?? ""] ?? "");

/** How a failed statement reads; `values` are taken out of what the server says of it. */
export function statementFailed(
  connection: string,
  text: string,
  values: readonly unknown[],
  error: unknown,
): TuttiError {
  if (error instanceof TuttiError) return error;
  if (isCutOff(error)) return new ConnectionLost(connection, error);
  const { code, message } = error as ServerError;
  if (code === "42601" && message.includes("multiple commands"))
    return new TuttiError("SQL_SEVERAL_STATEMENTS", "One statement a call; this text holds several.", { cause: error });
  return new SqlFailed(connection, text, withoutValues(error as ServerError, values));
}

/** An administrator or a crash ended the connection, or the network did. */
export function isCutOff(error: unknown): boolean {
  const { severity, code = "", message } = error as ServerError;
  if (severity !== undefined) return /^(57P0[12]|08)/.test(code);
  return /^(ECONNRESET|EPIPE|ETIMEDOUT)$/.test(code) || /^Connection terminated|^Client has encountered/.test(message);
}

/** `invalid input syntax for type integer: "hunter2"`: the server quotes what it could not read. */
function withoutValues(error: ServerError, values: readonly unknown[]): Error {
  const message = values.reduce<string>(
    (text, value, at) =>
      typeof value === "string" && value !== "" ? text.replaceAll(`"${value}"`, `$${at + 1}`) : text,
    error.message,
  );
  if (message === error.message) return error;
  return Object.assign(new Error(message), { code: error.code });
}

/** Why a row of COPY was refused, in words that hold no value. */
const REFUSALS: Readonly<Record<string, string>> = {
  "22001": "the text is longer than the column takes.",
  "22003": "the number is larger than the column takes.",
  "22007": "it is no date or time that PostgreSQL can read.",
  "22008": "it is no date or time that PostgreSQL can read.",
  "22P02": "it does not read as a value of this type.",
  "23502": "the column takes no null.",
};

/** The row and column that a COPY stopped at; null when it failed for another reason. */
export function copyRefusal(
  error: unknown,
): { readonly row: number; readonly column: string; readonly why: string } | null {
  const { code = "", where = "", column: named = "" } = error as ServerError;
  const why = REFUSALS[code];
  const [, row, column] = /^COPY .*?, line (\d+)(?:, column (\S+?))?(?::|$)/s.exec(where) ?? [];
  return why === undefined || row === undefined ? null : { row: Number(row), column: column ?? named, why };
}
