import type { Source, TaskManifest } from "../core/manifest.ts";
import { encodeValue } from "../core/value-codec.ts";
import type { BuiltWorkflow, TaskBody } from "./built.ts";
import { checkManifest, checksOf } from "./check.ts";
import type { TaskDefinition } from "./definition.ts";
import { readFlowOptions } from "./flow-options.ts";
import { checkName, numbered } from "./names.ts";
import { blaming, refusalAt } from "./refusal.ts";
import { type ReadTaskOptions, readTaskOptions, type TaskFunctions } from "./task-options.ts";
import type { WorkflowDefinition } from "./workflow.ts";

interface Named {
  readonly name: string;
  readonly fn: TaskDefinition["fn"];
  readonly read: ReadTaskOptions & TaskFunctions;
}

/** A flow as data: its body first, then every task of its file, because only the body knows which of them it will run. */
export function buildFlow(definition: WorkflowDefinition): BuiltWorkflow {
  const { site, declarations } = definition;
  const name = blaming(site, () => checkName(definition.name, "a workflow"));
  const what = `Flow "${name}"`;
  if (typeof definition.body !== "function")
    throw refusalAt(
      site,
      "BAD_BODY",
      `${what} has no body. Write flow(name, options, async (params, ctx) => { … }), with {} for no options.`,
    );
  const options = blaming(site, () => readFlowOptions(definition.options, what));
  const { schema, receivers, triggerFunctions, body: bodyOptions, ...workflow } = options;
  declarations.closed = true;
  const body: Named = { name, fn: definition.body, read: bodyOptions };
  const tasks = blaming(site, () => readTasks(declarations.tasks, name));
  const all = [body, ...tasks];
  return {
    manifest: {
      name,
      kind: "flow",
      ...workflow,
      tasks: [
        taskManifest(body, schema === null ? NO_PARAMS : PARAMS),
        ...tasks.map((task) => {
          const checks = checksOf(declarations.checks, task.read.produces).map(checkManifest);
          return { ...taskManifest(task, GIVEN), ...(checks.length > 0 && { checks }), dynamic: true as const };
        }),
      ],
      groups: [],
      picks: 0,
      connections: [...declarations.names].sort(),
    },
    bodies: all.map(({ fn, read: { retryOn, receivers, produces } }): TaskBody => {
      const checks = checksOf(declarations.checks, produces).map((check) => check.fn);
      return { fn, retryOn, receivers, ...(checks.length > 0 && { checks }) };
    }),
    picks: [],
    triggers: triggerFunctions,
    params: schema,
    receivers,
    runnable: new Map(declarations.tasks.map((task, place) => [task, place + 1])),
  };
}

const PARAMS: Source = { kind: "param", path: [] };
const NO_PARAMS: Source = { kind: "literal", value: encodeValue({}) };
const GIVEN: Source = { kind: "given" };

/** In the order in which they were made; where several have one name, the second is `name_2`. */
function readTasks(definitions: readonly TaskDefinition[], flow: string): Named[] {
  const taken = new Set([flow]);
  return definitions.map(({ name: base, alias, options, readOptions = readTaskOptions, fn }) => {
    const wanted = alias ?? base;
    let name = wanted;
    for (let count = 2; taken.has(name); count++) name = numbered(wanted, count);
    taken.add(name);
    return { name, fn, read: readOptions(options, `Task "${name}", which flow "${flow}" may run,`) };
  });
}

function taskManifest({ name, read }: Named, input: Source): TaskManifest {
  // Nobody knows before whether it will run at all: neither a window before nor an hour can be waited for.
  const { retryOn: _, receivers: __, dependsOnPast: ___, deadline: ____, ...options } = read;
  return { name, kind: "task", ...options, input, map: null, group: null, after: [], rule: "all_success", arms: null };
}
