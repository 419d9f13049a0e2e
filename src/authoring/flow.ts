import type { StandardSchemaV1 } from "@standard-schema/spec";
import { currentDeclarations } from "./connection.ts";
import type { Context } from "./context.ts";
import type { FlowOptions } from "./flow-options.ts";
import { siteHere } from "./refusal.ts";
import { makeWorkflow, type Workflow } from "./workflow.ts";

/**
 * Defines a workflow whose shape is known only while it runs: `body` is code that runs tasks with `ctx.run`, in loops, under conditions, side by side with
 * `Promise.all`. Each is a task run of its own, with its own retries, log and place in a line. The body gives its slot back while it waits for
 * them, and goes on after a restart: it runs again from its first line, and what is recorded is not done again. So what must happen once stands
 * in a task or in `ctx.step`, and what decides which tasks come next must be a param, a task's output, a step, `ctx.now()` or `ctx.random()`.
 *
 * Its tasks are made at the module level of its file, or of what that imports.
 *
 * @throws TuttiError When it is loaded: `BAD_NAME`, `BAD_BODY`, `UNKNOWN_OPTION`, `BAD_OPTION`, `BAD_DURATION`, `BAD_SCHEDULE`, `BAD_DATE`.
 * @example
 * const fetchPage = task("fetch_page", { retries: 3 }, async ({ page }: { page: number }) => [`https://example.com/${page}`]);
 * const archive = task("archive", async ({ url }: { url: string }) => url.length);
 *
 * export const crawl = flow("crawl", { params: z.object({ pages: z.number() }) }, async ({ pages }, ctx) => {
 *   for (let page = 0; page < pages; page++) {
 *     const links = await ctx.run(fetchPage, { page });
 *     await Promise.all(links.map((url) => ctx.run(archive, { url })));
 *   }
 * });
 */
export function flow<R, P extends StandardSchemaV1 = StandardSchemaV1<unknown, {}>>(
  name: string,
  options: FlowOptions<P>,
  body: (params: StandardSchemaV1.InferOutput<P>, ctx: Context) => Promise<R>,
): Workflow<StandardSchemaV1.InferInput<P>> {
  return makeWorkflow({
    kind: "flow",
    name,
    options,
    body: body as never,
    declarations: currentDeclarations(),
    site: siteHere(),
  });
}
