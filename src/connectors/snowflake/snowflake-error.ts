import { TuttiError } from "../../core/errors.ts";
import { ConnectionFailed, SqlFailed } from "../sql/sql-errors.ts";

/** What the driver throws: an answer of Snowflake has a `sqlState`, and a code of six digits. */
export interface SdkError extends Error {
  readonly code?: string | number;
  readonly sqlState?: string;
  /** Of HTTP, where it was no answer to a statement. */
  readonly response?: { readonly status?: number };
}

const SEVERAL_STATEMENTS = "000008";

const REMEDIES: Readonly<Record<string, string>> = {
  "390100": "Are the user and the password in its URL right?",
  "390144": "Is the public key of this private key the one that the user has? See ALTER USER … SET RSA_PUBLIC_KEY.",
  "390189": "May this user take the role in its URL?",
  "390201": "Is the warehouse in its URL right, and may the role use it?",
  "401001": "Are the account and the host in its URL right, and does this machine reach them?",
};

export function connectionFailed(connection: string, error: unknown): ConnectionFailed {
  return new ConnectionFailed(connection, error, REMEDIES[String((error as SdkError).code ?? "")] ?? "");
}

/** How a failed statement reads; `values` are taken out of what the server says of it. */
export function statementFailed(
  connection: string,
  text: string,
  values: readonly unknown[],
  error: unknown,
): TuttiError {
  if (error instanceof TuttiError) return error;
  if (isCutOff(error)) return connectionFailed(connection, error);
  if (String((error as SdkError).code) === SEVERAL_STATEMENTS)
    return new TuttiError("SQL_SEVERAL_STATEMENTS", "One statement a call; this text holds several.", { cause: error });
  return new SqlFailed(connection, text, withoutValues(error as SdkError, values));
}

/** The network, or a session that Snowflake ended. */
export function isCutOff(error: unknown): boolean {
  const { code, sqlState } = error as SdkError;
  return sqlState === undefined && /^(40[0-9]{4}|3901(0[0-9]|1[0-9]))$/.test(String(code));
}

/** Its session is over: whatever was asked under it was refused, and never begun. */
export function isSignedOut(error: unknown): boolean {
  const { code, response } = (error instanceof ConnectionFailed ? error.cause : error) as SdkError;
  return /^3901(04|11|12|14)$/.test(String(code)) || (String(code) === "401004" && response?.status === 401);
}

/** `Numeric value 'hunter2' is not recognized`: the server quotes what it could not read. */
function withoutValues(error: SdkError, values: readonly unknown[]): Error {
  const message = values.reduce<string>(
    (text, value, at) =>
      typeof value === "string" && value !== "" ? text.replaceAll(`'${value}'`, `$${at + 1}`) : text,
    error.message,
  );
  return message === error.message ? error : Object.assign(new Error(message), { code: error.code });
}
