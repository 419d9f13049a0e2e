import type { TuttiError } from "../../core/errors.ts";
import { abortable } from "../abortable.ts";
import { columnKind } from "../sql/column-kind.ts";
import type { Call, CopyOptions, Rows } from "../sql/driver.ts";
import { quote } from "../sql/identifier.ts";
import { Misfit } from "../sql/misfit.ts";
import { rowBatches } from "../sql/row-batches.ts";
import { RowShape, type WriteTarget } from "../sql/row-shape.ts";
import { rowRefused } from "../sql/write-errors.ts";
import { sendCopy } from "./copy-stream.ts";
import { COLUMN_TYPES, lockCreation } from "./columns.ts";
import { copyRefusal } from "./postgres-error.ts";
import type { Session } from "./session.ts";
import { type Write, writerFor } from "./write-value.ts";

interface Column {
  readonly name: string;
  readonly type: string;
  readonly write: Write;
}

export interface CopyInto {
  readonly target: WriteTarget;
  readonly options: CopyOptions;
  readonly call: Call;
  /** Is shown each value, as it is written, of a column of the partition that is not the partition's own; null: it is null. */
  readonly onOther?: (column: string, type: string, written: string | null) => void;
}

/**
 * COPY of rows into their table, within a transaction of the caller's; makes the table where there is none. Gives their number.
 *
 * @throws TuttiError `COLUMN_UNKNOWN`, `ROW_REFUSED`.
 */
export async function copyRows(session: Session, rows: Rows, into: CopyInto): Promise<number> {
  const batches = rowBatches(rows)[Symbol.asyncIterator]();
  try {
    const first = await abortable(batches.next(), into.call.signal);
    return first.done === true ? 0 : await new RowCopy(session, into, first.value).run(batches);
  } catch (error) {
    const left = batches.return?.().catch(() => {});
    // A loop over rows of this very transaction has to end before it says anything else. Another source may be silent, and is not waited for.
    if ((error as TuttiError).code === "TRANSACTION_BUSY") await left;
    throw error;
  }
}

class RowCopy {
  readonly #session: Session;
  readonly #into: CopyInto;
  readonly #shape: RowShape;
  readonly #columns: readonly Column[];
  readonly #first: readonly object[];
  #count = 0;

  constructor(session: Session, into: CopyInto, first: readonly object[]) {
    this.#session = session;
    this.#into = into;
    this.#first = first;
    this.#shape = new RowShape(into.target, first);
    this.#columns = this.#shape.columns.map(({ name, type: known }) => {
      const type = known ?? COLUMN_TYPES[columnKind(first.map((row) => this.#shape.cell(row, name)))];
      return { name, type, write: writerFor(type) };
    });
  }

  async run(later: AsyncIterator<object[]>): Promise<number> {
    const { target, call } = this.#into;
    if (target.known === null) await this.#create();
    const names = this.#columns.map(({ name }) => quote(name)).join(", ");
    const text = `copy ${target.table.quoted} (${names}) from stdin`;
    const free = this.#session.occupy("a COPY into a table");
    try {
      return await this.#session.guard({ text, values: [] }, call, () =>
        sendCopy(this.#session, text, this.#chunks(later)).catch((error: unknown) => this.#refused(error)),
      );
    } finally {
      free();
    }
  }

  async *#chunks(later: AsyncIterator<object[]>): AsyncGenerator<Uint8Array, void> {
    yield Buffer.from(this.#text(this.#first));
    for (let next = await later.next(); next.done !== true; next = await later.next()) {
      this.#into.call.signal?.throwIfAborted();
      yield Buffer.from(this.#text(next.value));
    }
  }

  #text(batch: readonly object[]): string {
    this.#shape.refuseNewKeys(batch, this.#count);
    let text = "";
    batch.forEach((row, at) => {
      for (let column = 0; column < this.#columns.length; column++)
        text += (column === 0 ? "" : "\t") + this.#cell(this.#columns[column]!, row, at);
      text += "\n";
    });
    this.#count += batch.length;
    this.#into.options.onProgress?.(this.#count);
    return text;
  }

  #cell(column: Column, row: object, at: number): string {
    const { fixed } = this.#into.target;
    const value = this.#shape.cell(row, column.name);
    const other = Object.hasOwn(fixed, column.name) && value !== fixed[column.name];
    if (value === null || value === undefined) {
      if (other) this.#into.onOther?.(column.name, column.type, null);
      return String.raw`\N`;
    }
    try {
      const written = column.write(value);
      if (other) this.#into.onOther?.(column.name, column.type, written);
      return escaped(written);
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      throw rowRefused(this.#count + at + 1, column.name, column.type, error.message);
    }
  }

  async #create(): Promise<void> {
    const { target, call } = this.#into;
    const columns = this.#columns.map(({ name, type }) => `${quote(name)} ${type}`).join(", ");
    await lockCreation(this.#session, target.table, call);
    await this.#session.run(
      { text: `create table if not exists ${target.table.quoted} (${columns})`, values: [] },
      call,
    );
  }

  #refused(error: unknown): never {
    const refusal = copyRefusal(error);
    if (refusal === null) throw error;
    const type = this.#columns.find(({ name }) => name === refusal.column)?.type ?? "a column";
    throw rowRefused(refusal.row, refusal.column, type, refusal.why);
  }
}

const SPECIAL = /[\\\n\r\t]/;
const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const escaped = (text: string): string =>
  SPECIAL.test(text) ? text.replaceAll(/[\\\n\r\t]/g, (found) => ESCAPES[found] as string) : text;
