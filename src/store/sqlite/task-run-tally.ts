import { TASK_RUN_STATES, type TaskRunState } from "../../core/task-run-state.ts";
import { guardOf } from "../guard.ts";
import { parseCounts } from "../state-counts.ts";
import type { RunGroup } from "../store.ts";

/** How many task runs of a run are in each state, by the state's place in the state table: written with every commit of the run. */
export type TaskRunTally = number[];

const PLACES = Object.fromEntries(TASK_RUN_STATES.map((state, place) => [state, place])) as Record<
  TaskRunState,
  number
>;

/** What the group does to its run's tally. Refuses a step that the state table does not have, before anything is written. */
export function tallyOf(group: RunGroup): TaskRunTally {
  const tally = emptyTally();
  for (const { state } of group.inserts) tally[PLACES[state]]!++;
  for (const change of group.changes) {
    const { from, to } = guardOf(change);
    tally[PLACES[from]]!--;
    tally[PLACES[to]]!++;
  }
  return tally;
}

export function addTally(to: TaskRunTally, more: TaskRunTally): void {
  for (let place = 0; place < more.length; place++) to[place]! += more[place]!;
}

export function parseTally(text: string): TaskRunTally {
  const tally = emptyTally();
  for (const [state, count] of Object.entries(parseCounts<TaskRunState>(text)))
    tally[PLACES[state as TaskRunState]] = count;
  return tally;
}

/** As `parseCounts` reads it: a state that nothing is in is absent. */
export function tallyText(tally: TaskRunTally): string {
  let text = "";
  for (let place = 0; place < tally.length; place++)
    if (tally[place] !== 0) text += `${text === "" ? "" : ","}"${TASK_RUN_STATES[place]}":${tally[place]}`;
  return `{${text}}`;
}

const emptyTally = (): TaskRunTally => TASK_RUN_STATES.map(() => 0);
