import { TuttiError } from "../../core/errors.ts";

const SHOWN_CHARACTERS = 2_000;

/** A statement failed. `statement` is its text with `$1` for each value; the values are in no message. */
export class SqlFailed extends TuttiError {
  readonly statement: string;

  constructor(connection: string, statement: string, cause: unknown) {
    super("SQL_FAILED", `Connection "${connection}": ${reason(cause)}\nStatement: ${shown(statement)}`, { cause });
    this.name = "SqlFailed";
    this.statement = statement;
  }
}

/** The database can't be reached or opened. */
export class ConnectionFailed extends TuttiError {
  constructor(connection: string, cause: unknown, remedy = "") {
    super(
      "CONNECTION_FAILED",
      `Connection "${connection}" can't be opened: ${reason(cause)}${remedy === "" ? "" : `\n${remedy}`}`,
      { cause },
    );
    this.name = "ConnectionFailed";
  }
}

/** It broke while a statement ran. Whether the statement had an effect is not known, unless it was part of a transaction: then it had none. */
export class ConnectionLost extends TuttiError {
  constructor(connection: string, cause: unknown) {
    super(
      "CONNECTION_LOST",
      `Connection "${connection}" broke while a statement ran: ${reason(cause)}. Whether it had an effect is not known; copyIn, replace and transactions had none.`,
      { cause },
    );
    this.name = "ConnectionLost";
  }
}

const reason = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
const shown = (statement: string): string =>
  statement.length <= SHOWN_CHARACTERS ? statement : `${statement.slice(0, SHOWN_CHARACTERS)}…`;
