import type { Output } from "./output.ts";

export interface TitledRun {
  readonly id: string;
  readonly workflow: string;
  readonly date: string;
  readonly timezone: string;
  readonly partition?: string;
}

/** What is being run, and for what. */
export const runTitle = (run: TitledRun, out: Output): string =>
  `${out.style("bold", run.workflow)} ${windowText(run)}  ${out.style("dim", run.id)}`;

/** What a run is for, in a word: a key says more than its date. */
const windowText = ({ partition, date, timezone }: TitledRun): string =>
  partition ?? (timezone === "UTC" ? date : `${date} (${timezone})`);
