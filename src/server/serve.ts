import { createHash } from "node:crypto";
import type { AddressInfo } from "node:net";
import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { systemClock } from "../core/clock.ts";
import { TuttiError } from "../core/errors.ts";
import type { Config } from "../loader/config.ts";
import { localToken } from "../owner/access/local-token.ts";
import { newSecret } from "../owner/access/secret.ts";
import { openReader } from "../owner/open-store.ts";
import { osUser } from "../owner/os-user.ts";
import { ownSecrets } from "../owner/secrets/own-secrets.ts";
import { WebhookSender } from "../owner/webhooks/webhook-sender.ts";
import { SessionLink } from "../owner/serving-session.ts";
import { makeApp } from "./app.ts";
import { Addresses, isLoopback, type ServerPlace, urlOf } from "./auth/place.ts";
import { OidcSignIn } from "./auth/oidc.ts";
import { RateLimit } from "./auth/rate-limit.ts";
import { Catalog } from "./catalog.ts";
import { LiveFeed } from "./live/live-feed.ts";
import { topicSources } from "./live/sources.ts";
import { Counters } from "./metrics/counters.ts";
import { ROUTES } from "./routes.ts";
import { RunPlaces } from "./run-places.ts";
import type { LoadProblem, ServerContext } from "./server-context.ts";
import { WorkflowHealth } from "./workflow-health.ts";

const DEFAULT_PORT = 4747;
/** Requests of one caller: so many at once, and so many a second. */
const BURST = 300;
const PER_SECOND = 100;
/** Passwords for one name, or from one address: ten at once, then one every ten seconds. */
const TRIES = 10;
const TRIES_PER_SECOND = 0.1;
const HEADERS_MS = 15_000;
const REQUEST_MS = 60_000;

export interface ServeOptions {
  readonly config: Config;
  /** What the user typed. */
  readonly command: string;
  readonly notice: (text: string) => void;
}

export interface Serving {
  /** Where it is reached. */
  readonly url: string;
  /** What to open in a browser: with the key that lets its reader in. */
  readonly entry: string;
  setLoadProblems(problems: readonly LoadProblem[]): void;
  close(): Promise<void>;
}

/**
 * Listens, and answers from the project's store.
 * @throws TuttiError `SERVER_NEEDS_PUBLIC_URL`, `SERVER_PORT_TAKEN`, `SERVER_CANNOT_LISTEN`; as `openReader`
 */
export async function serve({ config, command, notice }: ServeOptions): Promise<Serving> {
  const { host, publicUrl } = config;
  if (!isLoopback(host) && publicUrl === null)
    throw new TuttiError(
      "SERVER_NEEDS_PUBLIC_URL",
      `On "${host}" others reach the server: say how, so that it can tell its own pages from foreign ones: publicUrl: "https://tutti.example.com" (TUTTI_PUBLIC_URL). TLS ends at a proxy before it.`,
    );
  const reader = await openReader(config.store);
  const link = new SessionLink({ config, command, notice });
  let problems: readonly LoadProblem[] = [];
  // The handler needs the port, which is known when it listens.
  let handle: (request: Request, env: object) => Response | Promise<Response> = () =>
    new Response(null, { status: 503 });
  const http = createAdaptorServer({ fetch: (request: Request, env: object) => handle(request, env) }) as Server;
  http.headersTimeout = HEADERS_MS;
  http.requestTimeout = REQUEST_MS;
  try {
    const place = { host, publicUrl, port: await listen(http, host, config.port, notice) } satisfies ServerPlace;
    const catalog = new Catalog(reader);
    const places = new RunPlaces(reader);
    const facts = { reader, catalog, places, config, loadProblems: () => problems };
    const live: LiveFeed = new LiveFeed({
      session: link.session,
      sources: topicSources(facts, (topic) => live.touched(topic)),
      notice,
    });
    const token = localToken(config.stateDir);
    const secrets = ownSecrets(config, null);
    const server: ServerContext = {
      ...facts,
      session: link.session,
      beside: link.beside,
      clock: systemClock,
      webhooks: config.webhooks,
      secret: async (name) => {
        const { values } = await secrets.read({ kind: "secret", names: [name], workflow: null, task: null });
        return values[name] ?? null;
      },
      sender: new WebhookSender({ secrets: ownSecrets(config, reader), innerHosts: config.webhookHosts }),
      health: new WorkflowHealth(reader),
      live,
      counters: new Counters(),
      addresses: new Addresses(place),
      oidc: config.oidc === null ? null : new OidcSignIn(config.oidc, `${urlOf(place)}/auth/oidc/callback`),
      limits: new RateLimit(BURST, PER_SECOND),
      tries: new RateLimit(TRIES, TRIES_PER_SECOND),
      cookie: `tutti_${createHash("sha256")
        .update(await reader.identity())
        .digest("hex")
        .slice(0, 8)}`,
      localToken: token,
      setUpKey: newSecret(),
      osUser: osUser(),
      notice,
    };
    const app = makeApp(server, ROUTES);
    handle = (request, env) => app.fetch(request, env);
    return {
      url: urlOf(place),
      entry: await entryOf(place, server),
      setLoadProblems: (found) => {
        problems = found;
        live.touched("workflows");
      },
      async close() {
        await live.close();
        http.close();
        http.closeAllConnections();
        await link.close();
        await reader.close();
      },
    };
  } catch (error) {
    http.close();
    await link.close();
    await reader.close();
    throw error;
  }
}

/** Here, whoever reads the terminal is let in. Elsewhere he signs in; while there is nobody who could, he makes the first admin. */
async function entryOf(place: ServerPlace, { localToken: token, setUpKey, reader }: ServerContext): Promise<string> {
  const url = urlOf(place);
  if (isLoopback(place.host)) return `${url}/auth?token=${token}`;
  return (await reader.access.users()).length === 0 ? `${url}/#/set-up?key=${setUpKey}` : url;
}

/** Answers with the port. */
async function listen(
  http: Server,
  host: string,
  port: number | null,
  notice: (text: string) => void,
): Promise<number> {
  try {
    return await listenOn(http, host, port ?? DEFAULT_PORT);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "EADDRINUSE")
      throw new TuttiError(
        "SERVER_CANNOT_LISTEN",
        `The server can't listen on "${host}" port ${port ?? DEFAULT_PORT}: ${message}`,
        {
          cause: error,
        },
      );
    if (port !== null)
      throw new TuttiError(
        "SERVER_PORT_TAKEN",
        `Port ${port} of "${host}" is taken by another process. Give the server another one: --port 0 takes a free one.`,
      );
    notice(`Port ${DEFAULT_PORT} is taken by another process: the server takes a free one.`);
    return listenOn(http, host, 0);
  }
}

function listenOn(http: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once("error", reject);
    http.listen(port, host, () => {
      http.off("error", reject);
      resolve((http.address() as AddressInfo).port);
    });
  });
}
