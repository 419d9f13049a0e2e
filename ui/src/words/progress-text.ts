import { figure } from "./count-text.ts";

interface Said {
  readonly done: number;
  readonly total: number;
  readonly note: string | null;
}

/** Of what it says that there is, between 0 and 1; `null`: it does not say how much that is. */
export const shareOf = ({ done, total }: Said): number | null =>
  total > 0 ? Math.min(1, Math.max(0, done / total)) : null;

/** In as few signs as a line of the waterfall has room for. */
export function progressText(said: Said): string {
  const share = shareOf(said);
  return share === null ? figure(said.done) : `${Math.floor(share * 100)} %`;
}

export const fullProgressText = ({ done, total, note }: Said): string =>
  `${figure(done)}${total > 0 ? ` of ${figure(total)}` : ""}${note === null || note === "" ? "" : `, ${note}`}`;
