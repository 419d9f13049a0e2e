import { once } from "node:events";
import { copyModule } from "./modules.ts";
import type { Session } from "./session.ts";

/**
 * Sends chunks into `copy … from stdin`, one after another as the server takes them, and gives the number of rows. What the server or an abort says
 * ends it at once, also while the source is silent.
 */
export async function sendCopy(session: Session, text: string, chunks: AsyncIterator<Uint8Array>): Promise<number> {
  const { from } = await copyModule();
  const copy = session.client.query(from(text));
  const refused = Promise.withResolvers<never>();
  refused.promise.catch(() => {});
  copy.on("error", refused.reject);
  const closed = new Promise<void>((resolve) => copy.once("close", () => resolve()));
  const unlessRefused = <T>(work: Promise<T>): Promise<T> => Promise.race([work, refused.promise]);
  let exhausted = false;
  try {
    for (;;) {
      const next = await unlessRefused(chunks.next());
      if ((exhausted = next.done === true)) break;
      if (!copy.write(next.value)) await unlessRefused(once(copy, "drain"));
    }
    const finished = once(copy, "finish");
    copy.end();
    await unlessRefused(finished);
    return copy.rowCount;
  } catch (error) {
    // The source's own failure: the server must hear of it, and answer, before the connection says anything else.
    copy.destroy(error instanceof Error ? error : new Error(String(error)));
    await closed;
    throw error;
  } finally {
    // Not awaited: a source that is silent would not let go.
    if (!exhausted) void chunks.return?.()?.catch(() => {});
  }
}
