import { AsyncLocalStorage } from "node:async_hooks";
import { pathToFileURL } from "node:url";
import type { AlertFunction, Alert, Notifier } from "../authoring/alert.ts";
import { declaredConnections, startDeclarations } from "../authoring/connection.ts";
import { addMs, dateFromInstant, type Instant, systemClock } from "../core/clock.ts";
import { toErrorData } from "../core/error-data.ts";
import { type ErrorData, TuttiError } from "../core/errors.ts";
import { callAt } from "./call-at.ts";
import type { LoadedVersion } from "./code.ts";
import type { AlertCall, AlertData, ConfigCode, VersionInfo } from "./protocol.ts";

/** What telling a receiver needs of the process around it. */
export interface AlertPorts {
  readonly version: (info: VersionInfo) => Promise<LoadedVersion>;
  readonly connections: (names: readonly string[]) => Promise<Readonly<Record<string, unknown>>>;
  /** Does it while no other file is evaluated. Default: none ever is. */
  readonly alone?: <T>(work: () => Promise<T>) => Promise<T>;
  /** Default: the system's. */
  readonly now?: () => Instant;
  readonly at?: (instant: Instant, call: () => void) => () => void;
}

/** What the code of a receiver may use while it is told. */
export interface Telling {
  readonly signal: AbortSignal;
  /** In words. */
  readonly who: string;
  readonly declared: readonly string[];
  readonly connections: Readonly<Record<string, unknown>>;
}

/** Who is being told, for whoever asks for a connection. */
export const currentTelling = new AsyncLocalStorage<Telling>();

/** Tells a receiver of an alert, in its own code. `null`: it was told. Never throws. */
export async function tellReceiver(call: AlertCall, ports: AlertPorts): Promise<ErrorData | null> {
  const { at = callAt, now = () => systemClock.now() } = ports;
  const controller = new AbortController();
  const late = Promise.withResolvers<never>();
  const cancel = at(addMs(now(), call.limitMs), () => {
    const error = timedOut(call.limitMs);
    controller.abort(error);
    late.reject(error);
  });
  try {
    await Promise.race([tell(call, ports, controller.signal), late.promise]);
    return null;
  } catch (thrown) {
    return toErrorData(thrown);
  } finally {
    cancel();
  }
}

async function tell(call: AlertCall, ports: AlertPorts, signal: AbortSignal): Promise<void> {
  const { receiver, who, declared, connections, workflow } = await found(call, ports);
  const alert = alertOf(call.alert);
  await currentTelling.run({ signal, who, declared, connections }, async () => {
    if ("notify" in receiver) await receiver.notify(alert, { signal });
    else await receiver(alert, { signal, attempt: call.attempt, workflow });
  });
}

interface Found extends Omit<Telling, "signal"> {
  readonly receiver: Notifier | AlertFunction;
  readonly workflow: { readonly name: string; readonly version: string } | null;
}

async function found({ code, handler }: AlertCall, ports: AlertPorts): Promise<Found> {
  if (handler.of === "config") return inConfig(code, handler.place, ports);
  const info = code as VersionInfo;
  const { built, connections } = await ports.version(info);
  const { task, kind, place } = handler;
  const receiver = (task === null ? built.receivers : built.bodies[task]?.receivers)?.[kind]?.[place];
  if (receiver === undefined) throw gone(`The code of workflow "${info.workflow}"`);
  const narrowed = task === null ? null : (built.manifest.tasks[task]?.connections ?? null);
  return {
    receiver,
    workflow: { name: info.workflow, version: info.hash },
    who: `An alert of workflow "${info.workflow}"`,
    declared: narrowed ?? built.manifest.connections,
    connections,
  };
}

interface LoadedConfig {
  readonly alerts: readonly (Notifier | AlertFunction)[];
  readonly declared: readonly string[];
}

const CONFIGS = new Map<string, Promise<LoadedConfig>>();

async function inConfig(code: ConfigCode, place: number, ports: AlertPorts): Promise<Found> {
  const { alone = (work) => work() } = ports;
  const loading = CONFIGS.get(code.hash) ?? alone(() => loadConfig(code));
  CONFIGS.set(code.hash, loading);
  loading.catch(() => CONFIGS.delete(code.hash));
  const { alerts, declared } = await loading;
  const receiver = alerts[place];
  if (receiver === undefined) throw gone("The configuration");
  const connections = declared.length === 0 ? {} : await ports.connections(declared);
  return { receiver, workflow: null, who: `An alert of the configuration`, declared, connections };
}

/** Its module level says which connections it uses, as that of a pipeline file does. */
async function loadConfig({ file, hash }: ConfigCode): Promise<LoadedConfig> {
  startDeclarations();
  const module = (await import(`${pathToFileURL(file).href}?v=${hash}`)) as {
    default?: { alerts?: LoadedConfig["alerts"] | Notifier | AlertFunction };
  };
  const alerts = module.default?.alerts ?? [];
  return {
    alerts: Array.isArray(alerts) ? alerts : ([alerts] as LoadedConfig["alerts"]),
    declared: declaredConnections(),
  };
}

const alertOf = ({ at, ...data }: AlertData): Alert => ({ ...data, at: dateFromInstant(at) });

const timedOut = (limitMs: number): TuttiError =>
  new TuttiError("ALERT_TIMED_OUT", `It was not told within ${limitMs} ms.`);

const gone = (where: string): TuttiError =>
  new TuttiError("RECEIVER_GONE", `${where} has no such receiver of alerts any more.`);
