import type { Clock } from "../core/clock.ts";
import type { Webhooks } from "../loader/config-webhooks.ts";
import type { Config } from "../loader/config.ts";
import type { RunSession } from "../owner/run-session.ts";
import type { StoreReader } from "../store/reader.ts";
import type { OidcSignIn } from "./auth/oidc.ts";
import type { Addresses } from "./auth/place.ts";
import type { RateLimit } from "./auth/rate-limit.ts";
import type { Catalog } from "./catalog.ts";
import type { WebhookSender } from "../owner/webhooks/webhook-sender.ts";
import type { RunPlaces } from "./run-places.ts";
import type { LiveFeed } from "./live/live-feed.ts";
import type { WorkflowHealth } from "./workflow-health.ts";
import type { Counters } from "./metrics/counters.ts";

/** A pipeline file that does not load, as JSON. */
export interface LoadProblem {
  readonly code: string;
  readonly message: string;
  readonly workflow: string | null;
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly excerpt: string | null;
}

/** What every route is given. */
export interface ServerContext {
  readonly config: Pick<
    Config,
    "store" | "logsDir" | "logStore" | "artifactsDir" | "encryptionKeyFile" | "webhookHosts"
  >;
  readonly reader: StoreReader;
  /** The way to whoever does the work; opened anew when it has gone. */
  readonly session: () => Promise<RunSession>;
  /** Does something that nobody waits for. */
  readonly beside: (work: (session: RunSession) => Promise<unknown>) => void;
  readonly clock: Clock;
  readonly catalog: Catalog;
  readonly places: RunPlaces;
  readonly health: WorkflowHealth;
  readonly live: LiveFeed;
  readonly counters: Counters;
  readonly loadProblems: () => readonly LoadProblem[];
  /** Who may say by signing it that an event has happened, by its name. */
  readonly webhooks: Webhooks;
  /** A secret of the server's own; `null`: there is none of that name. */
  readonly secret: (name: string) => Promise<string | null>;
  readonly sender: WebhookSender;
  readonly addresses: Addresses;
  /** `null`: nobody says who somebody is but this store. */
  readonly oidc: OidcSignIn | null;
  /** Of requests, for each caller. */
  readonly limits: RateLimit;
  /** Of passwords and keys, for each name and each address. */
  readonly tries: RateLimit;
  /** The name of the session's cookie: two servers on one machine have different ones. */
  readonly cookie: string;
  readonly localToken: string;
  /** What makes the first admin, while there is no user. */
  readonly setUpKey: string;
  readonly osUser: string;
  /** For the terminal: what went wrong here. */
  readonly notice: (text: string) => void;
}
