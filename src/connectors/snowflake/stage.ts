import type { Call, Row } from "../sql/driver.ts";
import { SqlFailed } from "../sql/sql-errors.ts";
import { plain, type Session } from "./session.ts";

/** These are compressed inside, or as a whole. */
const COMPRESSED = /\.(parquet|orc|avro|gz|zst|bz2|br)$/i;

/** PUT of one file. @throws SqlFailed also where the driver only says in its answer that the file did not arrive. */
export async function putFile(session: Session, path: string, stage: string, call: Call): Promise<void> {
  const text = `put 'file://${path.replaceAll("\\", "/").replaceAll("'", "\\'")}' ${stage} auto_compress = ${!COMPRESSED.test(path)} overwrite = true`;
  const { rows } = await session.execute(plain(text), call, { rowMode: "object" });
  const refused = (rows as unknown as Row[]).find(({ status }) => status !== "UPLOADED");
  if (refused === undefined && rows.length > 0) return;
  throw new SqlFailed(
    call.connection,
    text,
    new Error((refused?.["message"] as string | undefined) ?? "no file was uploaded"),
  );
}

/** Does what needs a temporary table or stage, and drops that. */
export async function withTemporary<R>(
  session: Session,
  kind: "table" | "stage",
  name: string,
  call: Call,
  work: () => Promise<R>,
): Promise<R> {
  try {
    return await work();
  } finally {
    // It is the session's, and ends with it where it can't be dropped.
    await session.run(plain(`drop ${kind} if exists ${name}`), { ...call, signal: null }).catch(() => session.spoil());
  }
}
