import type { WorkflowManifest } from "../../../../src/core/manifest.ts";
import type { WorkingProcess } from "../../api/server.ts";
import { count } from "../../words/count-text.ts";

/** What any run needs before it goes on. */
export interface Condition {
  readonly name: string;
  readonly met: "yes" | "no";
  readonly facts: string;
}

/** Who has to be there: a scheduler, and a worker for each queue of the workflow. */
export function conditionsOf(processes: readonly WorkingProcess[], manifest: WorkflowManifest): Condition[] {
  const schedulers = processes.filter(({ alive, roles }) => alive && roles.includes("scheduler"));
  const queues = [...new Set(manifest.tasks.map(({ queue }) => queue ?? "default"))];
  return [
    {
      name: "A scheduler is there",
      met: schedulers.length > 0 ? "yes" : "no",
      facts:
        schedulers.length > 0
          ? schedulers.map(({ name }) => name).join(", ")
          : "no process that schedules is alive: tutti start",
    },
    ...queues.map((queue): Condition => {
      const workers = processes.filter((each) => each.alive && each.slots > 0 && each.queues.includes(queue));
      const slots = workers.reduce((sum, each) => sum + each.slots, 0);
      return {
        name: `A worker serves queue "${queue}"`,
        met: workers.length > 0 ? "yes" : "no",
        facts:
          workers.length > 0
            ? `${count(workers.length, "worker")}, ${count(slots, "slot")}`
            : `none does: tutti worker --queue ${queue}`,
      };
    }),
  ];
}
