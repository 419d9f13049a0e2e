import { type AlertHandler, type AlertPlan, ALERT_KINDS } from "../core/alert-plan.ts";
import { type Instant, systemClock } from "../core/clock.ts";
import type { ErrorData } from "../core/errors.ts";
import { ALERT_LIMIT_MS } from "../engine/alerts/alert-service.ts";
import type { Config } from "../loader/config.ts";
import { configCode } from "../loader/config-alerts.ts";
import type { LoadedWorkflow } from "../loader/loaded-file.ts";
import type { LoadedProject } from "../loader/loaded-project.ts";
import { materializeVersion } from "../loader/materialize.ts";
import { openReader } from "./open-store.ts";
import { tellApart } from "./fleet/accept-run.ts";

/** Somebody who can be told, with the code that tells. */
export interface TestedReceiver {
  readonly name: string;
  readonly handler: AlertHandler;
  /** `null`: of the configuration. */
  readonly workflow: LoadedWorkflow | null;
}

export interface TestResult {
  readonly receiver: TestedReceiver;
  readonly at: Instant;
  /** `null`: it was told. */
  readonly error: ErrorData | null;
}

/** Those of the configuration, and of the workflows of a project. */
export function receiversIn(config: Pick<Config, "alerts">, project: LoadedProject | null): readonly TestedReceiver[] {
  const own = config.alerts.map((name, place) => ({ name, handler: { of: "config", place } as const, workflow: null }));
  return [...own, ...[...(project?.workflows.values() ?? [])].flatMap(ofWorkflow)];
}

function ofWorkflow(workflow: LoadedWorkflow): readonly TestedReceiver[] {
  const { alerts, tasks } = workflow.version.manifest;
  return [planned(workflow, alerts, null), ...tasks.map((task, place) => planned(workflow, task.alerts, place))].flat();
}

const planned = (workflow: LoadedWorkflow, plan: AlertPlan | undefined, task: number | null): TestedReceiver[] =>
  ALERT_KINDS.flatMap((kind) =>
    (plan?.[kind] ?? []).map((name, place) => ({
      name,
      handler: { of: "version", task, kind, place } as const,
      workflow,
    })),
  );

/** Tells each that this is a test, in its own code, once. */
export async function tellTest(
  config: Config,
  receivers: readonly TestedReceiver[],
  notice: (text: string) => void,
): Promise<readonly TestResult[]> {
  const ofConfig = configCode(config);
  // Connections may be kept in the store, where there is one.
  const reader = await openReader(config.store).catch(() => null);
  const results: TestResult[] = [];
  for (const receiver of receivers) {
    const at = systemClock.now();
    const { handler, workflow } = receiver;
    const code = workflow === null ? await ofConfig() : await codeOf(config, workflow);
    const call = { code, handler, alert: testAlert(at, config.publicUrl), attempt: 1, limitMs: ALERT_LIMIT_MS };
    results.push({ receiver, at, error: await tellApart(config, reader, call, notice) });
  }
  await reader?.close();
  return results;
}

async function codeOf({ stateDir, root }: Config, { version, manifestHash, name }: LoadedWorkflow) {
  return { hash: version.hash, file: await materializeVersion(version, stateDir, root), workflow: name, manifestHash };
}

const testAlert = (at: Instant, url: string | null) => ({
  event: "problem" as const,
  id: `test-${at.toString(36)}`,
  key: "tutti/test",
  at,
  workflow: null,
  task: null,
  runId: null,
  date: null,
  attempt: null,
  count: 1,
  error: { name: "Test", message: `This is a test: nothing is wrong. "tutti alerts test" sent it.` },
  failedTasks: [],
  log: [],
  url,
  undelivered: null,
});
