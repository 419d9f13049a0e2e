import { streamSSE } from "hono/streaming";
import { serverContracts } from "../../api/server-contracts.ts";
import { TuttiError } from "../../core/errors.ts";
import { identify } from "../auth/identify.ts";
import type { Caller } from "../caller.ts";
import { badRequest } from "../failure.ts";
import { on } from "../handler.ts";
import type { Following } from "../live/live-feed.ts";
import type { ServerContext } from "../server-context.ts";
import { visibleRun } from "../visible-run.ts";

/** Proxies close what is silent for longer, and a session may have ended meanwhile. */
const BEAT_MS = 15_000;
const MOST_TOPICS = 10;
const DEFAULT_TOPICS = ["runs", "workflows"];

export const liveRoutes = [
  on(serverContracts.events, async ({ query, caller, http }, server) => {
    const topics = await topicsOf(query.topics ?? DEFAULT_TOPICS, caller, server);
    if (server.live.isFull)
      throw new TuttiError("TOO_MANY_STREAMS", "Too many clients follow this server. Try again in a while.");
    const last = http.req.header("last-event-id") ?? query.after ?? null;
    const visible = await server.catalog.visible(caller);
    http.header("cache-control", "no-store");
    // Some proxies keep a stream back until it is large enough.
    http.header("x-accel-buffering", "no");
    return streamSSE(http, async (stream) => {
      let wake = (): void => {};
      const following = server.live.follow(topics, () => wake());
      const ended = new Promise<void>((resolve) => stream.onAbort(resolve));
      try {
        let at = await begin(stream, following, last, visible, server);
        while (!stream.aborted && !stream.closed && !server.live.closed) {
          const woken = new Promise<void>((resolve) => (wake = resolve));
          const news = following.since(at);
          if (news === null) at = await reset(stream, following, visible, server, "behind");
          else {
            for (const { id, data, workflow } of news.deltas)
              if (workflow === null || visible === null || visible.has(workflow))
                await stream.writeSSE({ event: "delta", data, id });
            at = news.id;
          }
          if (news !== null && news.deltas.length > 0) continue;
          if (await beat(Promise.race([woken, ended]))) continue;
          // Whoever may no longer see this does not go on seeing it.
          if ((await identify(http, server).catch(() => null)) === null) return;
          await stream.write(": still here\n\n");
        }
      } finally {
        following.leave();
      }
    });
  }),
];

type Stream = Parameters<Parameters<typeof streamSSE>[1]>[0];

/** `true`: something came before it was time. */
async function beat(woken: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), BEAT_MS)));
  const came = await Promise.race([woken.then(() => true), late]);
  clearTimeout(timer);
  return came;
}

/** Goes on after the last id that the client saw, or begins with a snapshot. Answers where the stream stands. */
async function begin(
  stream: Stream,
  following: Following,
  last: string | null,
  visible: ReadonlySet<string> | null,
  server: ServerContext,
): Promise<string> {
  if (last === null) return snapshots(stream, following, visible, server);
  if (following.since(last) === null) return reset(stream, following, visible, server, "too long ago");
  await stream.writeSSE({ event: "resumed", data: "{}", id: last });
  return last;
}

async function reset(
  stream: Stream,
  following: Following,
  visible: ReadonlySet<string> | null,
  server: ServerContext,
  reason: string,
): Promise<string> {
  await stream.writeSSE({ event: "reset", data: JSON.stringify({ reason }) });
  return snapshots(stream, following, visible, server);
}

/** Where it stands is asked before it is read: what comes between the two is told once more, and changes nothing. */
async function snapshots(
  stream: Stream,
  following: Following,
  visible: ReadonlySet<string> | null,
  { live }: ServerContext,
): Promise<string> {
  const id = live.position;
  const all = await following.snapshots();
  // Only the last one has the id: whoever is cut off before it begins anew.
  for (const [place, snapshot] of all.entries())
    await stream.writeSSE({
      event: "snapshot",
      data: JSON.stringify(seen(snapshot, visible)),
      ...(place === all.length - 1 ? { id } : {}),
    });
  return id;
}

interface Lists {
  readonly runs?: readonly { readonly workflow: string }[];
  readonly workflows?: readonly { readonly name: string }[];
}

/** Of the lists only what the caller may see; a run of his own topic he was let in for. */
function seen(snapshot: object, visible: ReadonlySet<string> | null): object {
  if (visible === null) return snapshot;
  const { runs, workflows } = snapshot as Lists;
  return {
    ...snapshot,
    ...(runs === undefined ? {} : { runs: runs.filter(({ workflow }) => visible.has(workflow)) }),
    ...(workflows === undefined ? {} : { workflows: workflows.filter(({ name }) => visible.has(name)) }),
  };
}

async function topicsOf(asked: readonly string[], caller: Caller, server: ServerContext): Promise<readonly string[]> {
  const topics = new Set<string>();
  if (asked.length > MOST_TOPICS) throw badRequest(`Follow at most ${MOST_TOPICS} topics at once.`);
  for (const topic of asked) {
    const [kind = "", id, more] = topic.split(":");
    if ((kind === "runs" || kind === "workflows") && id === undefined) topics.add(kind);
    else if (
      (kind === "run" || kind === "logs") &&
      id !== undefined &&
      more === undefined &&
      /^[0-9a-zA-Z]{1,26}$/.test(id)
    )
      topics.add(`${kind}:${(await visibleRun(id, caller, server)).run.id}`);
    else throw badRequest(`There is no topic "${topic}". There are: runs, workflows, run:<id>, logs:<id>.`);
  }
  return [...topics];
}
