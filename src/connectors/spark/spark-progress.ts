import type { UiSnapshot } from "./spark-ui.ts";

export interface SparkProgress {
  readonly done: number;
  readonly total: number;
  readonly note: string;
}

/** Tasks of all jobs that are known so far: a job that comes later makes the total grow. `null`: there is no job yet. */
export function sparkProgress({ jobs, active }: UiSnapshot): SparkProgress | null {
  if (jobs.length === 0) return null;
  const total = sum(jobs.map((job) => job.numTasks));
  // A stage that is tried again counts its tasks twice.
  const done = sum(jobs.map((job) => Math.min(job.numTasks, job.numCompletedTasks + job.numSkippedTasks)));
  return { done, total, note: [jobNote(jobs), ...active.slice(0, 2).map(stageNote)].join("; ") };
}

function jobNote(jobs: UiSnapshot["jobs"]): string {
  const newest = jobs.reduce((a, b) => (b.jobId > a.jobId ? b : a));
  const ended = jobs.filter(({ status }) => status === "SUCCEEDED").length;
  return newest.status === "RUNNING" ? `job ${newest.jobId}: ${newest.name}` : `${ended} of ${jobs.length} jobs done`;
}

const stageNote = ({ stageId, numCompleteTasks, numTasks }: UiSnapshot["active"][number]): string =>
  `stage ${stageId}: ${numCompleteTasks}/${numTasks}`;

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
