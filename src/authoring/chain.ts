import { currentDraft } from "./draft.ts";
import { awaitedIn, order, type Placed, tasksIn } from "./placed.ts";

/**
 * Orders steps without passing data: each step starts once all of the step before have ended. A list is one step of several;
 * an empty one is passed over.
 *
 * @throws TuttiError `NOT_PLACED` for a task that was not called; `FOREIGN_REF` for one of another workflow.
 * @example chain(extract(), [clean(), audit()], load());
 */
export function chain(...steps: readonly (Placed | readonly Placed[])[]): void {
  const draft = currentDraft("chain(…)");
  const placed = steps.filter((step) => tasksIn(draft, "chain", [step]).length > 0);
  for (const [place, step] of placed.entries())
    if (place > 0) order(awaitedIn(draft, "chain", [placed[place - 1]]), tasksIn(draft, "chain", [step]));
}
