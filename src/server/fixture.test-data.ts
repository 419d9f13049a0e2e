import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { systemClock } from "../core/clock.ts";
import { type Role, ROLES } from "../core/role.ts";
import type { Webhooks } from "../loader/config-webhooks.ts";
import { resolveConfig } from "../loader/config.ts";
import { apiToken } from "../owner/access/api-token.ts";
import { hashSecret } from "../owner/access/secret.ts";
import { ownSecrets } from "../owner/secrets/own-secrets.ts";
import { WebhookSender } from "../owner/webhooks/webhook-sender.ts";
import { openReader } from "../owner/open-store.ts";
import { OwnEngine } from "../owner/own-engine.ts";
import type { RunGroup } from "../store/store.ts";
import { sampleRun, sampleVersion, T0 } from "../testing/store-samples.ts";
import { makeApp } from "./app.ts";
import { csrfOf } from "./auth/identify.ts";
import { Addresses } from "./auth/place.ts";
import { RateLimit } from "./auth/rate-limit.ts";
import { Catalog } from "./catalog.ts";
import { LiveFeed } from "./live/live-feed.ts";
import { topicSources } from "./live/sources.ts";
import { Counters } from "./metrics/counters.ts";
import { ROUTES } from "./routes.ts";
import { RunPlaces } from "./run-places.ts";
import type { ServerContext } from "./server-context.ts";
import { WorkflowHealth } from "./workflow-health.ts";

export const ORIGIN = "http://127.0.0.1:4747";
export const LOCAL_TOKEN = "tutti_local_of_a_test_that_nobody_else_knows_at_all";
export const HOOK_SECRET = "whsec_aSBhbSBhIHNlY3JldA==";
export const SET_UP_KEY = "the-key-that-was-printed";

export interface Asked {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Who asks. Default: nobody. */
  readonly as?: Role | "local" | null;
}

/** A server on a real store with its real owner, which runs no tasks; without a socket. */
export async function testServer({
  burst = 100_000,
  tries = 100,
  oidc = null,
  webhooks = {},
  webhookHosts = ["127.0.0.1"],
}: {
  readonly burst?: number;
  readonly tries?: number;
  readonly oidc?: ServerContext["oidc"];
  readonly webhooks?: Webhooks;
  readonly webhookHosts?: readonly string[];
} = {}) {
  const root = mkdtempSync(join(tmpdir(), "tutti-server-"));
  const config = resolveConfig({ root, configFile: null, written: { webhookHosts }, env: {}, cwd: root, flags: {} });
  const path = join(config.stateDir, "tutti.db");
  const said: string[] = [];
  const notice = (text: string): void => void said.push(text);
  const engine = (await OwnEngine.open({ config, command: "a test", notice, serves: false }, path))!;
  const reader = await openReader(config.store);
  const catalog = new Catalog(reader);
  const facts = { reader, catalog, places: new RunPlaces(reader), config, loadProblems: () => [] };
  const session = async () => engine;
  const live: LiveFeed = new LiveFeed({
    session,
    sources: topicSources(facts, (topic) => live.touched(topic)),
    notice,
  });
  const server: ServerContext = {
    ...facts,
    session,
    beside: (work) => void work(engine).catch(() => {}),
    clock: systemClock,
    webhooks,
    secret: async (name) => (name === "hook" ? HOOK_SECRET : null),
    sender: new WebhookSender({ secrets: ownSecrets(config, reader), innerHosts: config.webhookHosts }),
    health: new WorkflowHealth(reader),
    live,
    counters: new Counters(),
    addresses: new Addresses({ host: "127.0.0.1", port: 4747, publicUrl: null }),
    oidc,
    cookie: "tutti_test",
    limits: new RateLimit(burst, 100),
    tries: new RateLimit(tries, 0.01),
    localToken: LOCAL_TOKEN,
    setUpKey: SET_UP_KEY,
    osUser: "ada",
    notice,
  };
  const app = makeApp(server, ROUTES);
  onTestFinished(async () => {
    await live.close();
    await reader.close();
    await engine.close(0);
    rmSync(root, { recursive: true, force: true });
  });

  /** A session of a user of each role, as a browser has it. */
  const sessions = new Map<Role, string>();
  const signIn = async (role: Role): Promise<string> => {
    const known = sessions.get(role);
    if (known !== undefined) return known;
    const secret = `session-of-${role}`;
    const at = systemClock.now();
    const name = `a.${role}`;
    await engine.administer({ kind: "create_user", name, role, tags: null, password: "none", at }, null);
    await engine.administer(
      { kind: "open_session", hash: hashSecret(secret), user: name, at, expiresAt: at + 3_600_000_000 },
      null,
    );
    sessions.set(role, secret);
    return secret;
  };

  const headersOf = async (as: Asked["as"]): Promise<Record<string, string>> => {
    if (as === undefined || as === null) return {};
    if (as === "local") return { authorization: `Bearer ${LOCAL_TOKEN}` };
    const secret = await signIn(as);
    return { cookie: `tutti_test=${secret}`, "x-tutti-csrf": csrfOf(secret) };
  };

  return {
    app,
    engine,
    server,
    reader,
    config,
    root,
    said,
    /** One request, as a browser or a program makes it. */
    ask: async (target: string, { method = "GET", body, headers = {}, as }: Asked = {}): Promise<Response> => {
      return app.request(new URL(target, ORIGIN).href, {
        method,
        headers: {
          host: "127.0.0.1:4747",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(await headersOf(as)),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
    },
    /** Its secret. */
    token: async (
      role: Role,
      more: { tags?: readonly string[]; user?: string; expiresAt?: number } = {},
    ): Promise<string> => {
      const { secret, hash } = apiToken();
      const { tags = null, user = null, expiresAt = null } = more;
      await engine.administer(
        {
          kind: "create_token",
          name: role,
          hash,
          user,
          role,
          tags,
          createdBy: "test",
          at: systemClock.now(),
          expiresAt,
        },
        null,
      );
      return secret;
    },
    /** Two workflows: `sales` with the tag `finance`, and `ops`; of `sales` a run that has failed and one that goes on. */
    fill: async () => {
      const tagged = (name: string, tags: readonly string[], tasks: readonly string[]) => {
        const version = sampleVersion(name, tasks);
        const hash = createHash("sha256").update(version.hash).digest("hex");
        return { ...version, hash, bundle: { ...version.bundle, hash }, manifest: { ...version.manifest, tags } };
      };
      const { workflows } = await engine.deploy({
        versions: [tagged("sales", ["finance"], ["extract", "load"]), tagged("ops", [], ["clean"])],
        at: T0,
      });
      const [sales, ops] = workflows.map(({ version }) => version);
      const [failed, going, other] = [runId(1), runId(2), runId(3)];
      await engine.store.commit([
        endedRun(failed, sales!.id, sales!.taskIds),
        { ...newGroup(going, sales!.id) },
        { ...newGroup(other, ops!.id) },
      ]);
      return { sales: sales!, ops: ops!, failed, going, other };
    },
  };
}

/** 26 characters that sort by number. */
export const runId = (number: number): string => `01k2${String(number).padStart(22, "0")}`;

const NOTHING = { revision: 0, run: null, inserts: [], changes: [], attempts: [], drawers: [] } as const;

export const newGroup = (id: string, versionId: number): RunGroup => ({
  ...NOTHING,
  runId: id,
  create: sampleRun(id, versionId),
});

/** A run whose tasks but the last succeeded. */
export function endedRun(id: string, versionId: number, taskIds: readonly number[]): RunGroup {
  const inserts = taskIds.map((taskId, place) => ({
    taskId,
    mapIndex: null,
    state: place === taskIds.length - 1 ? ("failed" as const) : ("succeeded" as const),
    claim: 0 as const,
    attempt: 1,
    generation: 1,
    worker: null,
    queuedAt: T0,
    claimedAt: T0,
    endedAt: T0 + 5_000_000,
    error: null,
    skipReason: null,
  }));
  return { ...newGroup(id, versionId), run: { state: "failed", startedAt: T0, endedAt: T0 + 5_000_000 }, inserts };
}

export const EVERYBODY = [null, ...ROLES] as const;
