import { compileGraph } from "../../core/graph.ts";
import { BODY } from "../../core/flow-tasks.ts";
import type { RunEnd, RunQuestion, WindowOfRun } from "../../core/run-call.ts";
import { isEndedRun } from "../../core/run-state.ts";
import type { Store, TaskRunEnd, VersionRecord } from "../../store/store.ts";

type CallStore = Pick<Store, "calls" | "getVersion">;

/** Of mapped tasks, each element counts. */
const MAX_RESULTS = 100_000;

/** What a body that waits for runs of other workflows is told. */
export async function answerOf(
  store: CallStore,
  question: RunQuestion,
): Promise<RunEnd | readonly WindowOfRun[] | null> {
  switch (question.kind) {
    case "follow":
      await store.calls.follow(question.workflow);
      return null;
    case "end":
      return endOf(store, question.run);
    case "windows":
      return store.calls.runsIn(question.workflow, question);
  }
}

/** Read again where somebody has opened it in between: half of its results are none. */
async function endOf(store: CallStore, runId: string): Promise<RunEnd | null> {
  for (;;) {
    const end = await endAsRead(store, runId);
    if (end === null || !isEndedRun(end.state)) return end;
    if ((await store.calls.head(runId))?.state === end.state) return end;
  }
}

async function endAsRead(store: CallStore, runId: string): Promise<RunEnd | null> {
  const head = await store.calls.head(runId);
  const version = head && (await store.getVersion(head.versionId));
  if (head === null || version === null) return null;
  const isFlow = version.manifest.kind === "flow";
  if (!isEndedRun(head.state)) return { state: head.state, tasks: [], isFlow };
  if (head.state !== "succeeded") {
    const failed = await store.calls.firstFailed(runId);
    return { state: head.state, tasks: failed === null ? [] : [named(version, failed)], isFlow };
  }
  const ids = lastTasks(version).map((place) => version.taskIds[place] ?? 0);
  const results = await store.calls.results(runId, ids, MAX_RESULTS);
  return { state: head.state, tasks: results.map((result) => named(version, result)), isFlow };
}

/** Those that nothing depends on; of a flow, its body. */
function lastTasks({ manifest }: VersionRecord): readonly number[] {
  if (manifest.kind === "flow") return [BODY];
  return compileGraph(manifest)
    .tasks.filter(({ downstream }) => downstream.length === 0)
    .map(({ ordinal }) => ordinal);
}

function named(
  { manifest, taskIds }: VersionRecord,
  { taskId, mapIndex, ...end }: TaskRunEnd,
): RunEnd["tasks"][number] {
  const task = taskIds.indexOf(taskId);
  return { ...end, task, index: Math.max(0, mapIndex), mapped: mapIndex >= 0, name: manifest.tasks[task]?.name ?? "" };
}
