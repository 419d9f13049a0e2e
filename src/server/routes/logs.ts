import { logContracts } from "../../api/log-contracts.ts";
import { wholeLog } from "../../engine/logs/whole-log.ts";
import { on } from "../handler.ts";
import { isLogPosition, LogPositions } from "../log-cursor.ts";
import { PageCursor } from "../page-cursor.ts";
import { lineDocument, lineFilter, LOG_PAGES, logOf } from "../run-log.ts";
import { visibleRun } from "../visible-run.ts";

const POSITIONS = new LogPositions();
/** Of a download: so many characters go out at once. */
const PART_LENGTH = 64 * 1024;

export const logRoutes = [
  on(logContracts.lines, async ({ params, query, caller }, server) => {
    const found = await visibleRun(params.run, caller, server);
    const { limit = 100, tail, from = 0, cursor, ...wanted } = query;
    const log = logOf(found.run.id, server);
    const places = await server.places.of(found);
    const filter = lineFilter(wanted, places);
    if (tail !== undefined) {
      const { lines, more } = await LOG_PAGES.last(log, tail, filter);
      return { items: lines.map((line) => lineDocument(line, places)), next: null, more };
    }
    const at = new PageCursor(`logs ${found.run.id}`, wanted);
    const position = at.read(cursor, isLogPosition);
    const begin = position === undefined ? { from } : POSITIONS.read(position);
    const page = await LOG_PAGES.page(log, { ...begin, limit, filter });
    // Of a run that goes on there may be more later.
    const goesOn = page.more || found.run.endedAt === null;
    return {
      items: page.lines.map((line) => lineDocument(line, places)),
      next: goesOn ? at.at(POSITIONS.write(page)) : null,
      more: page.more,
    };
  }),

  on(logContracts.download, async ({ params, query, caller, http }, server) => {
    const found = await visibleRun(params.run, caller, server);
    const places = await server.places.of(found);
    http.header("content-disposition", `attachment; filename="${found.run.id}.jsonl"`);
    http.header("content-type", "application/x-ndjson; charset=utf-8");
    http.header("cache-control", "no-store");
    if (http.req.method === "HEAD") return http.body(null);
    const lines = wholeLog(logOf(found.run.id, server), lineFilter(query, places));
    const texts = partsOf(lines, (line) => `${JSON.stringify(lineDocument(line, places))}\n`);
    // What is wrong with the store of logs is said instead of the file.
    const first = await texts.next();
    return http.body(streamOf(first.done === true ? "" : first.value, texts));
  }),
];

async function* partsOf<T>(items: AsyncIterable<T>, text: (item: T) => string): AsyncGenerator<string, void> {
  let part = "";
  for await (const item of items) {
    part += text(item);
    if (part.length < PART_LENGTH) continue;
    yield part;
    part = "";
  }
  yield part;
}

/** As fast as the client takes it. */
function streamOf(first: string, rest: AsyncGenerator<string, void>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start: (controller) => controller.enqueue(encoder.encode(first)),
    pull: async (controller) => {
      const next = await rest.next();
      if (next.done === true) controller.close();
      else controller.enqueue(encoder.encode(next.value));
    },
    cancel: async () => void (await rest.return()),
  });
}
