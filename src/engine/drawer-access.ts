import type { CacheQuestion } from "../core/cached-value.ts";
import type { EndsAnswer, EndsQuestion } from "../core/ended-task.ts";
import { BODY } from "../core/flow-tasks.ts";
import type { RunQuestion } from "../core/run-call.ts";
import { startEvent } from "../core/event.ts";
import type { DrawerName, EmittedQuestion, EmittedSince } from "../runtime/protocol.ts";
import { answerOf } from "./events/called-run.ts";
import type { DrawerKey, Store } from "../store/store.ts";

/** Who asks: a task run, and what its workflow's tasks are in the store. */
export interface DrawerOwner {
  readonly runId: string;
  readonly taskRunId: number;
  /** The task's place in the manifest. */
  readonly task: number;
  /** The store's ids of the version's tasks, by their places. */
  readonly taskIds: readonly number[];
}

export type DrawerStore = Pick<
  Store,
  "readDrawer" | "readSteps" | "readInput" | "readEnds" | "events" | "calls" | "cache" | "getVersion"
>;

/** A drawer that a task may write. @throws Error for what is only to be read */
export function drawerKey(drawer: DrawerName, { taskRunId, task, taskIds }: DrawerOwner, key: string): DrawerKey {
  switch (drawer) {
    case "memory":
      return { drawer, taskId: taskIds[task] ?? 0, key };
    case "state":
    case "steps":
      return { drawer, taskRunId, key };
    default:
      throw new Error(`nothing is written to ${drawer}`);
  }
}

/** As a child asks for it: of its steps, all of them at once, as a JSON list; of events, those of a name after a mark. */
export async function readDrawer(
  store: DrawerStore,
  drawer: DrawerName,
  owner: DrawerOwner,
  key: string,
): Promise<string | null> {
  switch (drawer) {
    case "steps":
      return JSON.stringify(await store.readSteps(owner.taskRunId));
    case "events":
      return JSON.stringify(await emitted(store, key));
    case "input":
      return store.readInput(owner.taskRunId, owner.taskIds[BODY] ?? 0);
    case "ends":
      return JSON.stringify(await ends(store, owner, JSON.parse(key) as EndsQuestion));
    case "runs":
      return JSON.stringify(await answerOf(store, JSON.parse(key) as RunQuestion));
    case "cache":
      return kept(store, owner, JSON.parse(key) as CacheQuestion);
    default:
      return store.readDrawer(drawerKey(drawer, owner, key));
  }
}

async function emitted({ events }: Pick<Store, "events">, key: string): Promise<EmittedSince> {
  const { name, after } = JSON.parse(key) as EmittedQuestion;
  if (after === null) return { events: [], mark: await events.mark() };
  const found = await events.emitted(name, after);
  return { mark: found.mark, events: found.events.map(startEvent) };
}

async function kept(
  { cache }: Pick<Store, "cache">,
  { taskRunId, task, taskIds }: DrawerOwner,
  question: CacheQuestion,
): Promise<string | null> {
  const found = await cache.find({ taskRunId, taskId: taskIds[task] ?? 0, ...question });
  return found && JSON.stringify(found);
}

/** Values may be large: as many go in one answer. */
const MAX_ENDS = 200;

async function ends(
  store: Pick<Store, "readEnds">,
  { runId, taskIds }: DrawerOwner,
  question: EndsQuestion,
): Promise<EndsAnswer> {
  const ranges = question.map(({ task, from, to }) => ({ taskId: taskIds[task] ?? 0, from, to }));
  const found = await store.readEnds(runId, ranges, MAX_ENDS);
  return {
    ends: found.map(({ taskId, mapIndex, ...end }) => ({ task: taskIds.indexOf(taskId), index: mapIndex, ...end })),
    more: found.length === MAX_ENDS,
  };
}
