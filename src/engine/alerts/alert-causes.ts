import type { AlertEvent, AlertPlan } from "../../core/alert-plan.ts";
import { receiversOf } from "../../core/alert-plan.ts";
import { addMs, type Instant } from "../../core/clock.ts";
import { isEndedRun } from "../../core/run-state.ts";
import type { RunTransition } from "../../core/run-transition.ts";
import type { WorkflowManifest } from "../../core/manifest.ts";
import type { TaskInstance } from "../../core/task-instance.ts";
import type { Transition } from "../../core/transition.ts";
import type { NewAlert } from "../../store/alerts.ts";
import type { LiveRun } from "../live-run.ts";
import { findingsByReceiver } from "./check-findings.ts";

/** Of many task runs of one mapped task, a message waits this long for more of the same. */
const GATHER_MS = 2_000;
/** What comes after the first message about them waits longer: a message a minute, whatever happens. */
const GATHER_MORE_MS = 60_000;

/** Whom the code of a version wants to tell of what; `null`: nobody of anything, and then no run of it pays for alerts. */
export function alertPlans({ alerts, tasks }: WorkflowManifest): AlertPlans | null {
  if (alerts === undefined && tasks.every((task) => task.alerts === undefined)) return null;
  return { workflow: alerts, tasks: tasks.map((task) => task.alerts) };
}

export interface AlertPlans {
  readonly workflow: AlertPlan | undefined;
  /** By place in the manifest. */
  readonly tasks: readonly (AlertPlan | undefined)[];
}

/** What one decision about a run tells, and whom: recorded with it, so that nothing is told that did not happen, and all that did. */
export function alertsOf(
  run: LiveRun,
  plans: AlertPlans,
  { transitions, run: change }: { readonly transitions: readonly Transition[]; readonly run: RunTransition | null },
  now: Instant,
): readonly NewAlert[] {
  const causes = new Causes(run, plans, now);
  const byUser = change !== null && isEndedRun(change.from);
  for (const transition of transitions) {
    causes.add(transition, byUser);
    if (transition.result?.events) causes.addFindings(transition);
  }
  if (change?.to === "failed" || change?.to === "succeeded") causes.addRun(change.to);
  return causes.found;
}

type Found = { -readonly [K in keyof NewAlert]: NewAlert[K] };

class Causes {
  readonly #run: LiveRun;
  readonly #plans: AlertPlans;
  readonly #now: Instant;
  readonly #found = new Map<string, Found>();
  /** Of groups that run again as one: told already. */
  readonly #told = new Set<TaskInstance>();

  constructor(run: LiveRun, plans: AlertPlans, now: Instant) {
    this.#run = run;
    this.#plans = plans;
    this.#now = now;
  }

  get found(): readonly NewAlert[] {
    return [...this.#found.values()];
  }

  add(transition: Transition, byUser: boolean): void {
    const { instance, from, to, error, attempt } = transition;
    if (to === "up_for_retry") return this.#tell("retry", instance, error, attempt);
    if (to === "succeeded" || to === "skipped") this.#tell(to, instance, null, attempt);
    // Not the last word, as long as a group around it may run again.
    else if (to === "failed" && this.#isLast(instance)) this.#tellOnce(instance, error, attempt);
    else if (to === "waiting" && from === "failed" && !byUser) this.#tell("retry", instance, null, null);
    this.#addEndedGroups(instance);
  }

  /** What checks have found, that fails nothing: what somebody is told of one task run is one message. */
  addFindings({ instance, result, attempt }: Transition): void {
    const { task } = instance;
    const plan = this.#plans.tasks[task];
    if (plan?.check === undefined) return;
    const said = findingsByReceiver(this.#run.version.graph.tasks[task]!.manifest, result?.events ?? []);
    for (const [place, error] of said) {
      const { handler, name } = receiversOf(plan, "check", task)[place]!;
      const about = { taskRunId: instance.id, attempt, error, gathers: instance.index !== null };
      this.#put(handler, name, "check", task, about);
    }
  }

  addRun(event: "failed" | "succeeded"): void {
    for (const { handler, name } of receiversOf(this.#plans.workflow, event, null))
      this.#put(handler, name, event, null, { taskRunId: 0, attempt: null, error: null, gathers: false });
  }

  /** A group that has ended for good with this task run: what failed in it before has failed for good as well. */
  #addEndedGroups(ended: TaskInstance): void {
    const { model } = this.#run;
    for (const { group, instance: around } of model.groupsOf(model.task(ended.task).graph, ended.index)) {
      if (!around.final) continue;
      for (const ordinal of group.graph.tasks) {
        if (this.#plans.tasks[ordinal]?.failed === undefined) continue;
        model.task(ordinal).each((instance, index) => {
          if (instance?.state !== "failed" || (group.graph.each !== null && index !== around.index)) return;
          // The one that ended just now is told where it ended; those before it have their error in the store.
          if (instance !== ended && this.#isLast(instance)) this.#tellOnce(instance, null, instance.attempt);
        });
      }
    }
  }

  #isLast(instance: TaskInstance): boolean {
    const { model } = this.#run;
    for (const { instance: around } of model.groupsOf(model.task(instance.task).graph, instance.index))
      if (!around.final) return false;
    return true;
  }

  #tellOnce(instance: TaskInstance, error: NewAlert["error"], attempt: number): void {
    if (this.#told.has(instance)) return;
    this.#told.add(instance);
    this.#tell("failed", instance, error, attempt);
  }

  #tell(event: AlertEvent, instance: TaskInstance, error: NewAlert["error"], attempt: number | null): void {
    const { task } = instance;
    const about = { taskRunId: instance.id, attempt, error, gathers: instance.index !== null };
    for (const { handler, name } of receiversOf(this.#plans.tasks[task], event, task))
      this.#put(handler, name, event, task, about);
    // A run is neither skipped nor tried again by itself: of a workflow these two are about its tasks.
    if (event !== "retry" && event !== "skipped") return;
    for (const { handler, name } of receiversOf(this.#plans.workflow, event, null))
      this.#put(handler, name, event, task, about);
  }

  #put(
    handler: string,
    receiver: string,
    event: AlertEvent,
    task: number | null,
    about: Pick<NewAlert, "taskRunId" | "attempt" | "error"> & { readonly gathers: boolean },
  ): void {
    const key = `${handler} ${task ?? ""} ${event}`;
    const known = this.#found.get(key);
    if (known) return void (known.count += 1);
    const { gathers, ...rest } = about;
    const { record, version } = this.#run;
    this.#found.set(key, {
      workflow: record.workflow,
      runId: record.id,
      versionId: version.record.id,
      event,
      task: task === null ? null : this.#run.taskName(task),
      handler,
      receiver,
      count: 1,
      ...rest,
      at: this.#now,
      dueAt: gathers ? addMs(this.#now, GATHER_MS) : this.#now,
      thenDueAt: gathers ? addMs(this.#now, GATHER_MORE_MS) : this.#now,
      once: null,
    });
  }
}
