/** What schedulers and worker-only processes call each other on (`store/wake-ups.ts`): a hint each, and both look for themselves. */

/** Task runs of this queue have been offered. Workers that serve it listen. */
export const offersChannel = (queue: string): string => `offers ${queue}`;

/** Something about what this worker runs has changed: a run is being cancelled, or a claim was taken away. It listens. */
export const workerChannel = (worker: string): string => `worker ${worker}`;

/** Workers have left results of runs that this scheduler holds. It listens. */
export const resultsChannel = (scheduler: number): string => `results ${scheduler}`;

/** There may be a run that nobody holds, or a command that nobody has read. Every scheduler listens. */
export const RUNS_CHANNEL = "runs";

/** Something was deployed, paused or unpaused. Every scheduler that fires schedules listens. */
export const SCHEDULES_CHANNEL = "schedules";

/** Something has happened: an event was recorded. Every scheduler listens. */
export const EVENTS_CHANNEL = "events";

/** There may be room in a limit: something that held it has ended, or a pool has another size. Every scheduler listens. */
export const LIMITS_CHANNEL = "limits";
/** A worker without the key needs secrets. Every scheduler that has it listens. */
export const SECRETS_CHANNEL = "secrets";

/** This run has changed. Whoever follows it listens. */
export const runChannel = (runId: string): string => `run ${runId}`;
const RUN = "run ";

/** How far this task run of a run says that it is: the word that goes along. Whoever follows the run listens. */
export const progressChannel = (runId: string, taskRunId: number): string => `${PROGRESS}${runId} ${taskRunId}`;
const PROGRESS = "progress ";
/** The task run whose progress a channel is about; `null`: it is about something else. */
export function runTaskOfChannel(channel: string): { readonly runId: string; readonly taskRunId: number } | null {
  if (!channel.startsWith(PROGRESS)) return null;
  const [runId = "", taskRunId] = channel.slice(PROGRESS.length).split(" ");
  return { runId, taskRunId: Number(taskRunId) };
}

export const isRunChannel = (channel: string): boolean => channel.startsWith(RUN);
/** The run that a channel is about; `null`: it is about something else. */
export const runOfChannel = (channel: string): string | null =>
  isRunChannel(channel) ? channel.slice(RUN.length) : null;
