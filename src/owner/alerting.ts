import { systemEngineClock } from "../engine/engine-clock.ts";
import { AlertService } from "../engine/alerts/alert-service.ts";
import { LogReader } from "../engine/logs/log-reader.ts";
import { scheduleClock } from "../engine/firing/schedule-clock.ts";
import type { EngineClock } from "../engine/engine-clock.ts";
import type { WorkerHost } from "../engine/worker-host.ts";
import type { Config } from "../loader/config.ts";
import { configCode } from "../loader/config-alerts.ts";
import type { Store } from "../store/store.ts";
import { wallClock } from "../store/wall-clock.ts";
import { codeOnDisk } from "./code-on-disk.ts";
import { webhookPost } from "./webhooks/webhook-post.ts";

/** Of the end of a log. */
const LINES = 20;

export interface AlertingDeps {
  readonly config: Config;
  readonly store: Store;
  /** Whose children call the receivers. */
  readonly tell: WorkerHost["tell"];
  readonly notice: (text: string) => void;
  /** What schedules go by. Default: the clock on the wall. */
  readonly wallClock?: EngineClock;
  /** As `AlertService` has it. */
  readonly lookEveryMs?: number;
}

/** How this process tells people of alerts, as the configuration says. */
export function alerting({ config, store, tell, notice, lookEveryMs, wallClock: wall }: AlertingDeps): AlertService {
  const logs = new LogReader(config.logsDir, config.logStore);
  const lines = async (runId: string, taskRunId: number): Promise<readonly string[]> =>
    (await logs.last(runId, LINES, { taskRunId })).map(({ message }) => message);
  return new AlertService({
    store,
    clock: systemEngineClock,
    wallClock: wall ?? scheduleClock(wallClock),
    tell,
    codeFile: codeOnDisk(store, config),
    config: { receivers: config.alerts, code: configCode(config) },
    lines,
    post: webhookPost({ config, store, lines }),
    publicUrl: config.publicUrl,
    notice,
    ...(lookEveryMs !== undefined && { lookEveryMs }),
  });
}
