import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Declarations } from "./connection.ts";
import type { Ref } from "./ref.ts";
import { refusal, type Site } from "./refusal.ts";
import type { WorkflowOptions } from "./workflow-options.ts";

/** What `dag` and `flow` make: exported from a pipeline file, it is what runs. */
export interface Workflow<Params = unknown> {
  readonly name: string;
  /** Never there; it carries the type of what a run is started with. */
  readonly params?: Params;
}

/** A workflow before its body ran. */
export interface WorkflowDefinition {
  /** Default: `dag`. */
  readonly kind?: "dag" | "flow";
  readonly name: unknown;
  readonly options: WorkflowOptions<StandardSchemaV1>;
  /** Of a flow, what runs; of a graph, what makes it. */
  readonly body: (run: { readonly params: Ref<unknown> }) => unknown;
  readonly declarations: Declarations;
  readonly site: Site;
}

const DEFINITIONS = new WeakMap<object, WorkflowDefinition>();

export function makeWorkflow(definition: WorkflowDefinition): Workflow<never> {
  const workflow = Object.freeze({ name: String(definition.name) });
  DEFINITIONS.set(workflow, definition);
  return workflow;
}

/** Whether a file's export is a workflow. */
export const isWorkflow = (value: unknown): value is Workflow =>
  typeof value === "object" && value !== null && DEFINITIONS.has(value);

/** @throws TuttiError `NOT_A_WORKFLOW` */
export function workflowDefinition(workflow: unknown): WorkflowDefinition {
  const definition = typeof workflow === "object" && workflow !== null ? DEFINITIONS.get(workflow) : undefined;
  if (definition === undefined)
    throw refusal(
      "NOT_A_WORKFLOW",
      `A ${workflow === null ? "null" : typeof workflow} is no workflow. Make one with dag(name, options, () => { … }) and export it.`,
    );
  return definition;
}
