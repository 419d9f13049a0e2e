import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Duration } from "../core/duration.ts";
import type { Retries } from "./retries.ts";
import { type ReadTaskOptions, readTaskOptions, type TaskFunctions } from "./task-options.ts";
import { readWorkflowOptions, type WorkflowOptions } from "./workflow-options.ts";

/** How a flow is run, given to `flow`. */
export interface FlowOptions<P> extends Omit<WorkflowOptions<P>, "timeout"> {
  /** When and how often the body runs again after it failed; what it has recorded and what it has run before is not done again. Default: never. */
  readonly retries?: number | Retries;
  /** Running time of the body, after which its attempt fails with `TIMED_OUT`; its waits do not count. Default: none. */
  readonly timeout?: Duration;
}

/** @throws TuttiError as `readWorkflowOptions`; `BAD_DURATION` */
export function readFlowOptions(
  given: FlowOptions<StandardSchemaV1> | undefined,
  what: string,
): ReturnType<typeof readWorkflowOptions> & { readonly body: ReadTaskOptions & TaskFunctions } {
  const { retries, timeout, ...workflow } = given ?? {};
  const body = readTaskOptions(
    { ...(retries !== undefined && { retries }), ...(timeout !== undefined && { timeout }) },
    what,
  );
  return { ...readWorkflowOptions(workflow, what), body };
}
