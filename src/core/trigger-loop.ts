import { assetsOf, isSatisfied } from "./asset-expression.ts";
import type { WorkflowManifest } from "./manifest.ts";
import type { TriggerManifest } from "./trigger.ts";

/** What a loop is found by. */
export type LoopManifest = Pick<WorkflowManifest, "name" | "triggers"> & {
  readonly tasks: readonly Pick<WorkflowManifest["tasks"][number], "produces" | "dynamic">[];
};

/**
 * Workflows that start each other for ever once one of them runs, in their order, the first one again at the end; `null`: none do. Only
 * what they say about themselves is known: assets that their tasks produce, and runs that they follow.
 */
export function findTriggerLoop(workflows: readonly LoopManifest[]): readonly string[] | null {
  const inside = new Map(workflows.map((workflow) => [workflow.name, workflow]));
  // What nothing among the others can start is in no loop; what is left when nothing more goes can go on without anybody else.
  for (let before = -1; before !== inside.size;) {
    before = inside.size;
    const made = new Set([...inside.values()].flatMap(producedBy));
    for (const [name, { triggers = [] }] of inside)
      if (!triggers.some((trigger) => startedFromInside(trigger, inside, made))) inside.delete(name);
  }
  const [first] = inside.keys();
  return first === undefined ? null : walkBack(first, inside);
}

// What a flow's body may ask for is every task of its file: it may never run there.
const producedBy = ({ tasks }: LoopManifest): readonly string[] =>
  tasks.flatMap(({ produces = [], dynamic = false }) => (dynamic ? [] : produces));

function startedFromInside(
  trigger: TriggerManifest,
  inside: ReadonlyMap<string, LoopManifest>,
  made: ReadonlySet<string>,
): boolean {
  if (trigger.kind === "run") return inside.has(trigger.workflow);
  return trigger.kind === "asset" && isSatisfied(trigger.assets, made);
}

/** From each workflow to one that starts it, until one comes again. */
function walkBack(from: string, inside: ReadonlyMap<string, LoopManifest>): readonly string[] {
  const path: string[] = [];
  let name = from;
  while (!path.includes(name)) {
    path.push(name);
    name = starterOf(inside.get(name)!, inside);
  }
  const [first, ...rest] = path.slice(path.indexOf(name));
  return [first!, ...rest.reverse(), first!];
}

function starterOf({ triggers = [] }: LoopManifest, inside: ReadonlyMap<string, LoopManifest>): string {
  const made = new Set([...inside.values()].flatMap(producedBy));
  const trigger = triggers.find((each) => startedFromInside(each, inside, made))!;
  if (trigger.kind === "run") return trigger.workflow;
  const wanted = trigger.kind === "asset" ? assetsOf(trigger.assets) : [];
  return [...inside.values()].find((workflow) => producedBy(workflow).some((asset) => wanted.includes(asset)))!.name;
}
