import { progressChannel, runTaskOfChannel } from "./wake-up-channels.ts";

/** How far a task says that it is (`ctx.progress`): the last word of one execution, masked as its lines are. */
export interface TaskProgress {
  readonly runId: string;
  readonly taskRunId: number;
  readonly claim: number;
  readonly done: number;
  readonly total: number;
  readonly note: string | null;
}

/** Of a note, in characters: it stands beside a bar, and a wake-up carries no more than 8,000 bytes. */
const MAX_NOTE = 200;

/** As much of its note as is told outside its process. */
export function shortened(progress: TaskProgress): TaskProgress {
  const { note } = progress;
  if (note === null || note.length <= MAX_NOTE) return progress;
  return { ...progress, note: `${note.slice(0, MAX_NOTE - 1)}…` };
}

/** As it goes from process to process: the channel, and the word that goes along. */
export function progressHint({ runId, taskRunId, ...rest }: TaskProgress): readonly [channel: string, word: string] {
  const { claim, done, total, note } = rest;
  return [progressChannel(runId, taskRunId), JSON.stringify([claim, done, total, note])];
}

/** `null`: the channel is about something else. */
export function progressOfHint(channel: string, word: string | null): TaskProgress | null {
  const about = word === null ? null : runTaskOfChannel(channel);
  if (word === null || about === null) return null;
  const [claim, done, total, note] = JSON.parse(word) as [number, number, number, string | null];
  return { ...about, claim, done, total, note };
}
