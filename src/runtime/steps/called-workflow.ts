import { isWorkflow } from "../../authoring/workflow.ts";
import { TuttiError } from "../../core/errors.ts";

/** The name of a workflow that another one runs or waits for. @throws TuttiError `NOT_A_WORKFLOW` */
export function calledWorkflow(workflow: unknown, what: string): string {
  const name = isWorkflow(workflow) ? workflow.name : workflow;
  if (typeof name === "string" && name !== "") return name;
  throw new TuttiError(
    "NOT_A_WORKFLOW",
    `${what} takes a workflow, or the name of one: ${what}("retail"). It was given ${name === "" ? "an empty text" : name === null ? "null" : `a ${typeof name}`}.`,
  );
}
