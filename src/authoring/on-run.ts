import { RUN_ENDS } from "../core/trigger.ts";
import { EventTrigger, TRIGGER_OPTIONS, type TriggerOptions } from "./event-trigger.ts";
import { knownOptions, oneOf, within } from "./known-options.ts";
import { checkName } from "./names.ts";
import { isWorkflow, type Workflow } from "./workflow.ts";

/** How runs are started by other runs. */
export type OnRunOptions = TriggerOptions;

/**
 * Starts a run when one of another workflow has ended, with the window of that one. `end`: how it must have ended; `"ended"`: however.
 * A run that failed, was retried and then succeeded has ended twice.
 *
 * @throws TuttiError `BAD_NAME`, `BAD_OPTION`, `UNKNOWN_OPTION`. When the project is loaded: `TRIGGER_LOOP`
 * @example
 * const tell = task("tell", (_: void, ctx) => console.log(ctx.event?.runId));
 * export default dag("after_load", { schedule: onRun("load", "failed") }, () => { tell(); });
 */
export function onRun(
  workflow: Workflow<never> | Workflow | string,
  end: "succeeded" | "failed" | "cancelled" | "ended" = "succeeded",
  options?: OnRunOptions,
): EventTrigger {
  const given = isWorkflow(workflow) ? workflow.name : workflow;
  const of = within("onRun(…)", () => checkName(given, "a workflow"));
  const what = `onRun("${of}")`;
  const { name, params } = knownOptions(options, TRIGGER_OPTIONS, what);
  const state = oneOf(end, RUN_ENDS, "succeeded", what, "end");
  const rule = { kind: "run", workflow: of, end: state } as const;
  return new EventTrigger({ what, rule, name, params, fallback: `run ${of} ${state}`, functions: {} });
}
