import { systemClock } from "../../core/clock.ts";
import type { ErrorData } from "../../core/errors.ts";
import { systemEngineClock } from "../../engine/engine-clock.ts";
import { liveVersion, versionInfo } from "../../engine/live-version.ts";
import { newRun } from "../../engine/new-run.ts";
import { type AcceptedParams, parseParams } from "../../engine/parse-params.ts";
import { patiently } from "../../engine/patience.ts";
import type { WorkerHost } from "../../engine/worker-host.ts";
import type { Config } from "../../loader/config.ts";
import type { AlertCall, TriggerAnswer, TriggerQuestion } from "../../runtime/protocol.ts";
import type { RunGroup, Store, VersionRecord } from "../../store/store.ts";
import { childHost } from "../child-host.ts";
import { codeOnDisk } from "../code-on-disk.ts";
import { poolsOf } from "../declared-pools.ts";
import { recordedVersion } from "../recorded-version.ts";
import { idleHost } from "../idle-host.ts";
import type { RunRequest } from "../run-session.ts";
import type { StoreWithSecrets } from "../secrets/store-provider.ts";

const TRIES = 5;

/**
 * Records a run that whichever scheduler is alive takes. Its params are parsed here, by the version's own code. Asked twice, it
 * makes one run.
 *
 * @throws TuttiError `PARAMS_INVALID`, `PARAMS_UNEXPECTED`, and what the store says
 */
export async function acceptRun(
  store: Store,
  config: Config,
  { id, version, params, window, fresh = false }: RunRequest,
  notice: (text: string) => void,
): Promise<void> {
  const record = await recordedVersion(store, version);
  // Code that was never deployed may name pools that nobody has declared there.
  if (record.manifest.tasks.some(({ pool }) => pool !== undefined))
    await store.limits.ensure(poolsOf(config), systemClock.now());
  const parsed = await parseApart(store, config, record, params, notice);
  const create = newRun(
    { id, versionId: record.id, input: params, parsed, window, trigger: "manual" },
    systemClock.now(),
  );
  const group: RunGroup = {
    runId: id,
    revision: 0,
    create,
    run: null,
    inserts: [],
    changes: [],
    attempts: [],
    drawers: [],
  };
  if (fresh) await store.cache.renounce(id);
  // Dropped, it was accepted before: the id is the run's own.
  await patiently(
    systemEngineClock,
    () => store.commit([group]),
    (_, tries) => tries >= TRIES,
  );
}

/** As `parseParams`, in a process that runs no tasks. Without a schema nothing is parsed, and no child is started for it. */
export async function parseApart(
  store: Store,
  config: Config,
  record: VersionRecord,
  params: unknown,
  notice: (text: string) => void,
): Promise<AcceptedParams> {
  if (record.manifest.params === null) return parseParams(idleHost, liveVersion(record, ""), params);
  return apart(config, store, notice, async (host) =>
    parseParams(host, liveVersion(record, await codeOnDisk(store, config)(record)), params),
  );
}

/** What the functions of a trigger say, in a process that runs no tasks. */
export async function askApart(
  store: Store,
  config: Config,
  record: VersionRecord,
  question: TriggerQuestion,
  notice: (text: string) => void,
): Promise<TriggerAnswer> {
  const version = versionInfo(liveVersion(record, await codeOnDisk(store, config)(record)));
  return apart(config, store, notice, (host) => host.askTrigger(version, question));
}

async function apart<T>(
  config: Config,
  store: StoreWithSecrets,
  notice: (text: string) => void,
  work: (host: WorkerHost) => Promise<T>,
): Promise<T> {
  const host = childHost({ ...config, children: 1 }, "params", notice, store);
  try {
    host.listen(DEAF);
    return await work(host);
  } finally {
    await host.close(0);
  }
}

/** Tells a receiver of an alert, in a process that runs no tasks: a child is started for it. */
export async function tellApart(
  config: Config,
  store: StoreWithSecrets | null,
  call: AlertCall,
  notice: (text: string) => void,
): Promise<ErrorData | null> {
  const host = childHost({ ...config, children: 1 }, "alerts", notice, store);
  try {
    host.listen(DEAF);
    return await host.tell(call);
  } finally {
    await host.close(0);
  }
}

/** No task is ever started there. */
const DEAF = {
  started() {},
  finished() {},
  lost() {},
  progress() {},
  wake() {},
  log() {},
  async drawer() {
    return null;
  },
};
