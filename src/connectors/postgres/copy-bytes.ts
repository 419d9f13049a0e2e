import type { Readable } from "node:stream";
import { TuttiError } from "../../core/errors.ts";
import type { Call } from "../sql/driver.ts";
import { type Identifier, quote } from "../sql/identifier.ts";
import type { Statement } from "../sql/statement.ts";
import { bind, byteaText } from "./bind.ts";
import { sendCopy } from "./copy-stream.ts";
import { copyModule, pgModule } from "./modules.ts";
import type { Session } from "./session.ts";

/** What the bytes of a COPY are. `csv` has a header; `text` is PostgreSQL's own, with tabs; `binary` is for another PostgreSQL. */
const FORMATS = {
  csv: "format csv, header true",
  text: "format text",
  binary: "format binary",
} as const;
export type CopyFormat = keyof typeof FORMATS;

/** Bytes to be copied in: a file's stream, an artifact's, another database's COPY. */
export type Bytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array> | ReadableStream<Uint8Array>;

/** The result of a query as bytes, as they come from the server. */
export async function* copyOut(
  session: Session,
  format: CopyFormat,
  statement: Statement,
  call: Call,
): AsyncIterable<Uint8Array> {
  const options = optionsOf(format);
  const { to } = await copyModule();
  const text = `copy (${statement.text}) to stdout (${options})`;
  const sent = `copy (${await withLiterals(statement)}) to stdout (${options})`;
  const free = session.occupy("a COPY of a query");
  let ended = false;
  try {
    const source: Readable = session.client.query(to(sent));
    const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    for (;;) {
      const next = await session.guard({ text, values: statement.values }, call, () => chunks.next());
      if (next.done === true) break;
      yield next.value;
    }
    ended = true;
  } catch (error) {
    ended = true;
    throw error;
  } finally {
    free();
    // Left early: a COPY has no other end.
    if (!ended) session.cancel();
  }
}

/** Appends what the bytes hold, all or nothing, and says how many rows that were. */
export async function copyBytesIn(
  session: Session,
  table: Identifier,
  bytes: Bytes,
  { format, columns }: { readonly format: CopyFormat; readonly columns: readonly string[] | null },
  call: Call,
): Promise<number> {
  const names = columns === null ? "" : ` (${columns.map(quote).join(", ")})`;
  const text = `copy ${table.quoted}${names} from stdin (${optionsOf(format)})`;
  const free = session.occupy("a COPY into a table");
  try {
    const chunks = chunksOf(bytes);
    return await session.guard({ text, values: [] }, call, () => sendCopy(session, text, chunks));
  } finally {
    free();
  }
}

async function* chunksOf(bytes: Bytes): AsyncGenerator<Uint8Array, void> {
  yield* bytes;
}

function optionsOf(format: CopyFormat): string {
  if (Object.hasOwn(FORMATS, format)) return FORMATS[format];
  throw new TuttiError(
    "COPY_FORMAT_UNKNOWN",
    `COPY has no format ${JSON.stringify(format)}. Known: ${Object.keys(FORMATS).join(", ")}.`,
  );
}

/** COPY takes no bound values. So they become literals, quoted by the driver, whose type follows from where they stand as that of `$1` would. */
async function withLiterals({ parts, values }: Statement): Promise<string> {
  const pg = await pgModule();
  const literal = (value: unknown): string => {
    if (value === null) return "null";
    const bound = bind(value);
    return pg.escapeLiteral(bound instanceof Uint8Array ? byteaText(bound) : String(bound));
  };
  return parts.reduce((before, part, at) => before + literal(values[at - 1]) + part);
}
