import type { StandardSchemaV1 } from "@standard-schema/spec";
import { currentDeclarations } from "./connection.ts";
import type { Ref } from "./ref.ts";
import { siteHere } from "./refusal.ts";
import type { Sync } from "./sync.ts";
import { makeWorkflow, type Workflow } from "./workflow.ts";
import type { WorkflowOptions } from "./workflow-options.ts";

export type { Workflow } from "./workflow.ts";

/**
 * Defines a workflow: a graph of tasks with options. `build` places the tasks; it runs when the graph is needed, not now, so an error
 * in it is that of loading the workflow. It is synchronous, and `params` are refs: nothing has a value yet.
 *
 * A pipeline file exports any number of workflows, by default or by name. `name` is unique in the project.
 *
 * @throws TuttiError When the graph is built: `BAD_NAME`, `UNKNOWN_OPTION`, `BAD_OPTION`, `BAD_SCHEDULE`, `BAD_DATE`, `ASYNC_BODY`,
 * `EMPTY_WORKFLOW`, `DUPLICATE_TASK`, `BRANCH_WITHOUT_ARMS`, `CYCLE`, and what placing a task throws.
 * @example
 * const extract = task("extract", async ({ region }: { region: string }) => [{ region, quantity: 3 }]);
 * const load = task("load", async ({ rows }: { rows: { quantity: number }[] }) => rows.length);
 *
 * export default dag("retail", { schedule: "@daily", params: z.object({ region: z.string() }) }, ({ params }) => {
 *   load({ rows: extract({ region: params.region }) });
 * });
 */
export function dag<B, P extends StandardSchemaV1 = StandardSchemaV1<unknown, {}>>(
  name: string,
  options: WorkflowOptions<P>,
  build: (run: { readonly params: Ref<StandardSchemaV1.InferOutput<P>> }) => Sync<B>,
): Workflow<StandardSchemaV1.InferInput<P>> {
  return makeWorkflow({ name, options, body: build as never, declarations: currentDeclarations(), site: siteHere() });
}
