import { TuttiError } from "../../core/errors.ts";

/** What a user can do something about, by SQLSTATE or by the code of Node's socket. A whole class by its two characters. */
const MEANING: Readonly<Record<string, keyof typeof TEXT>> = {
  "28": "STORE_DENIED", // wrong password, unknown role, not in pg_hba.conf
  "42501": "STORE_DENIED", // insufficient_privilege
  "3D000": "STORE_NOT_FOUND", // no such database
  "53100": "STORE_FULL",
  "53": "STORE_BUSY", // out of memory, too many connections
  "40": "STORE_BUSY", // deadlock, serialization failure
  "55P03": "STORE_BUSY", // lock_not_available
  "57014": "STORE_BUSY", // statement_timeout and the like
  "58": "STORE_IO_ERROR",
  XX001: "STORE_DAMAGED",
  XX002: "STORE_DAMAGED",
  "08": "STORE_UNREACHABLE",
  "57P01": "STORE_UNREACHABLE", // admin_shutdown
  "57P02": "STORE_UNREACHABLE", // crash_shutdown
  "57P03": "STORE_UNREACHABLE", // starting up, or shutting down
  "57P05": "STORE_UNREACHABLE", // idle_session_timeout
  "25006": "STORE_UNREACHABLE", // a standby: the primary has moved, the next connection may find it
  "42P01": "STORE_TOO_OLD", // undefined_table
  "3F000": "STORE_TOO_OLD", // no schema
  "42883": "STORE_TOO_OLD", // undefined_function
  "42703": "STORE_TOO_OLD", // undefined_column
  ECONNREFUSED: "STORE_UNREACHABLE",
  ECONNRESET: "STORE_UNREACHABLE",
  EPIPE: "STORE_UNREACHABLE",
  ETIMEDOUT: "STORE_UNREACHABLE",
  EHOSTUNREACH: "STORE_UNREACHABLE",
  ENETUNREACH: "STORE_UNREACHABLE",
  ENETDOWN: "STORE_UNREACHABLE",
  ENOTFOUND: "STORE_UNREACHABLE",
  EAI_AGAIN: "STORE_UNREACHABLE",
};

const TEXT = {
  STORE_DENIED: (store: string, said: string) =>
    `Store "${store}" refuses this user (${said}). Are user and password right, and may the user use the schema "tutti"?`,
  STORE_NOT_FOUND: (store: string, said: string) =>
    `There is no store at "${store}" (${said}). Make the database, then run \`tutti migrate\`.`,
  STORE_FULL: (store: string) =>
    `The disk of store "${store}" is full. What was being written was rolled back and nothing recorded is lost. Free some space and go on.`,
  STORE_BUSY: (store: string, said: string) =>
    `Store "${store}" could not take it just now (${said}). What was being written was rolled back.`,
  STORE_IO_ERROR: (store: string, said: string) =>
    `Store "${store}" could not be read or written (${said}). What was being written was rolled back. Is the server's disk in order?`,
  STORE_DAMAGED: (store: string, said: string) => `Store "${store}" is damaged (${said}). Put back a copy of it.`,
  STORE_UNREACHABLE: (store: string, said: string) =>
    `Store "${store}" cannot be reached (${said}). Is the server running, and is the address right?`,
  STORE_TOO_OLD: (store: string) =>
    `Store "${store}" was made by an older release, or is empty. Run \`tutti migrate\` once: it brings it up to date.`,
} as const;

/** What pg and its pool say without a code when a connection breaks or does not come about. */
const CUT_OFF =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Query read timeout|server closed the connection|socket hang up/i;

/** What PostgreSQL, the driver or the network said, as an error of ours where the user can do something about it. */
export function storeError(store: string, cause: unknown): unknown {
  if (cause instanceof TuttiError) return cause;
  const code = meaningOf(cause);
  return code === null ? cause : new TuttiError(code, TEXT[code](store, textOf(cause)), { cause });
}

/** Whether the connection is gone, so that nobody knows what became of what was sent on it. */
export const isCutOff = (cause: unknown): boolean => meaningOf(cause) === "STORE_UNREACHABLE";

/** Whether nothing was written and the same may do at the next try: another transaction was in the way. */
export const isInTheWay = (cause: unknown): boolean => sqlState(cause)?.startsWith("40") === true;

/** SQLSTATE, or the code of Node's socket. */
export function sqlState(cause: unknown): string | null {
  const code = (cause as { code?: unknown } | null)?.code;
  if (typeof code === "string") return code;
  // Of an address with several hosts, the first says enough.
  const [first] = (cause as { errors?: readonly unknown[] } | null)?.errors ?? [];
  return first === undefined ? null : sqlState(first);
}

function meaningOf(cause: unknown): keyof typeof TEXT | null {
  const state = sqlState(cause);
  if (state !== null) return MEANING[state] ?? MEANING[state.slice(0, 2)] ?? null;
  return cause instanceof Error && CUT_OFF.test(cause.message) ? "STORE_UNREACHABLE" : null;
}

const textOf = (cause: unknown): string => {
  if (cause instanceof AggregateError && cause.message === "") return textOf(cause.errors[0]);
  return cause instanceof Error ? cause.message : String(cause);
};
