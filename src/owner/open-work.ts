import { randomUUID } from "node:crypto";
import { TuttiClient } from "../client/tutti-client.ts";
import type { RunExplanation } from "../core/explanation.ts";
import { systemEngineClock } from "../engine/engine-clock.ts";
import { explainRun } from "../engine/explain/explain-run.ts";
import { LogReader } from "../engine/logs/log-reader.ts";
import { patiently } from "../engine/patience.ts";
import type { ApprovalRecord } from "../store/approvals.ts";
import type { StoreView } from "../store/store-view.ts";
import { type AccessDesk, StoreAccessDesk } from "./access/access-desk.ts";
import { type AnyConfig, isHere, type ServerPlace } from "./any-place.ts";
import { type AssetDesk, StoreAssetDesk } from "./asset-desk.ts";
import { answerApproval, type ApprovalReply } from "./answer-approval.ts";
import { openSession } from "./open-session.ts";
import { openReader } from "./open-store.ts";
import { osUser } from "./os-user.ts";
import type { OwnerOptions } from "./owner-options.ts";
import { presentProcesses } from "./present-processes.ts";
import type { LogView } from "./remote/server-logs.ts";
import { OwnerGone } from "./run-session.ts";
import { ownSecrets } from "./secrets/own-secrets.ts";
import { StoreWebhookDesk, type WebhookDesk } from "./webhooks/webhook-desk.ts";
import { WebhookSender } from "./webhooks/webhook-sender.ts";
import type { WorkSession } from "./work-session.ts";

export type WorkOptions = Omit<OwnerOptions, "config"> & { readonly config: AnyConfig };

// The one place that knows whether a command works on a store, or asks the server of one.

/** The way to get work done. @throws TuttiError as `openSession` */
export async function openWork({ config, ...options }: WorkOptions): Promise<WorkSession> {
  if (isHere(config)) return openSession({ ...options, config });
  const place = config.store as ServerPlace;
  return new (await import("./remote/server-session.ts")).ServerSession(clientOf(place), place.url);
}

/** Where users and tokens are changed. `actor`: for the audit log of a store. */
export async function openAccessDesk({
  config,
  actor,
  ...options
}: WorkOptions & { readonly actor: string }): Promise<AccessDesk> {
  if (isHere(config)) return new StoreAccessDesk(await openSession({ ...options, config, serves: false }), actor);
  return new (await import("./remote/server-access-desk.ts")).ServerAccessDesk(clientOf(config.store as ServerPlace));
}

/** Answers what a task asks. @throws TuttiError as `answerApproval` */
export async function answerAnywhere(
  { config, actor, ...options }: WorkOptions & { readonly actor: string },
  reply: Pick<ApprovalReply, "id" | "approved" | "form" | "comment">,
): Promise<ApprovalRecord> {
  if (!isHere(config))
    return (await import("./remote/server-approvals.ts")).answerThere(clientOf(config.store as ServerPlace), reply);
  // Before a session: who has no store has no approvals.
  const reader = await openReader(config.store);
  const token = randomUUID();
  try {
    for (;;) {
      const session = await openSession({ ...options, actor, config, serves: false });
      try {
        // Whoever can run this can write the store.
        return await answerApproval(reader, session, { ...reply, token, actor, user: osUser(), role: "admin" });
      } catch (error) {
        // As when the run has just ended, because of what somebody else has answered.
        if (!(error instanceof OwnerGone)) throw error;
      } finally {
        await session.close(0);
      }
    }
  } finally {
    await reader.close();
  }
}

/** Why a run is not further. @throws TuttiError as `explainRun` */
export async function explainAnywhere(
  config: AnyConfig,
  runId: string,
  of: { readonly task?: string; readonly index?: number },
): Promise<RunExplanation> {
  if (!isHere(config))
    return (await import("./remote/server-why.ts")).whyThere(clientOf(config.store as ServerPlace), runId, of);
  const reader = await openReader(config.store);
  try {
    const processes = (await presentProcesses(config.store, reader)).filter(({ alive }) => alive);
    return await explainRun(reader, runId, { processes, ...of });
  } finally {
    await reader.close();
  }
}

/** Where webhooks are listed, changed and tested. `actor`: for the audit log of a store. */
export async function openWebhookDesk({
  config,
  actor,
  ...options
}: WorkOptions & { readonly actor: string }): Promise<WebhookDesk> {
  if (!isHere(config))
    return new (await import("./remote/server-webhook-desk.ts")).ServerWebhookDesk(
      clientOf(config.store as ServerPlace),
    );
  const session = await openSession({ ...options, config, serves: false });
  const reader = await openReader(config.store);
  return new StoreWebhookDesk({
    session,
    webhooks: reader.webhooks,
    sender: new WebhookSender({ secrets: ownSecrets(config, reader), innerHosts: config.webhookHosts }),
    innerHosts: config.webhookHosts,
    actor,
    close: async () => {
      await reader.close();
      await session.close(0);
    },
  });
}

/** What there is. @throws TuttiError as `openReader` */
export async function openView(config: AnyConfig): Promise<StoreView> {
  if (isHere(config)) return openReader(config.store);
  return new (await import("./remote/server-view.ts")).ServerView(clientOf(config.store as ServerPlace));
}

/** As `openView`, for whoever has read it before: a store that is away just now is asked again, for half a minute. */
export const reopenView = (config: AnyConfig): Promise<StoreView> =>
  patiently(
    systemEngineClock,
    () => openView(config),
    (_, tries) => tries === REOPEN_TRIES,
  );

/** With what `patiently` waits between them. */
const REOPEN_TRIES = 11;

/** What is known of assets. @throws TuttiError as `openReader` */
export async function openAssetDesk(config: AnyConfig): Promise<AssetDesk> {
  if (isHere(config)) return new StoreAssetDesk(await openReader(config.store));
  return new (await import("./remote/server-asset-desk.ts")).ServerAssetDesk(clientOf(config.store as ServerPlace));
}

/** What tasks wrote. */
export async function openLogs(config: AnyConfig): Promise<LogView> {
  if (isHere(config)) return new LogReader(config.logsDir, config.logStore);
  return new (await import("./remote/server-logs.ts")).ServerLogs(clientOf(config.store as ServerPlace));
}

export const clientOf = ({ url, token }: ServerPlace): TuttiClient =>
  new TuttiClient({ url, ...(token !== null && { token }) });
