import { LiveStream, type StreamNews } from "./stream.ts";

/** What a page tells the worker. `follow` also says that the page is still there. */
export type ToStream =
  | { readonly kind: "follow"; readonly topics: readonly string[]; readonly anew: boolean }
  | { readonly kind: "wake" }
  | { readonly kind: "close" };

/** A page in the background tells of itself once a minute at best. */
const GONE_MS = 4 * 60_000;

interface Page {
  topics: readonly string[];
  heardAt: number;
}

// One stream for all tabs: a browser has six connections to a server, and a tab each would use them up.
const pages = new Map<MessagePort, Page>();
const stream = new LiveStream(location.origin, (news: StreamNews) => {
  for (const port of pages.keys()) port.postMessage(news);
});

addEventListener("connect", (event) => {
  const { ports } = event as MessageEvent;
  const port = ports[0]!;
  port.addEventListener("message", ({ data }: MessageEvent<ToStream>) => {
    if (data.kind === "wake") return stream.wake();
    if (data.kind === "close") {
      pages.delete(port);
      if (pages.size === 0) stream.close();
      return;
    }
    const isNew = !pages.has(port);
    pages.set(port, { topics: data.topics, heardAt: Date.now() });
    for (const [other, { heardAt }] of pages) if (heardAt < Date.now() - GONE_MS) pages.delete(other);
    if (isNew) port.postMessage({ kind: "connection", connection: stream.connection } satisfies StreamNews);
    // A page that has just opened has seen no snapshot yet.
    stream.follow(wanted(), data.anew || isNew);
  });
  port.start();
});

/** Of all pages; the newest first, because the server takes ten. */
const wanted = (): string[] =>
  [...pages.values()]
    .sort((a, b) => b.heardAt - a.heardAt)
    .flatMap(({ topics }) => topics)
    .slice(0, 8);
