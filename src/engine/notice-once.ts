/** Sentences that are remembered; after as many, one may be said again. */
const MAX_TOLD = 1_000;

/** Says each sentence once, however often what it tells of goes wrong again. */
export function noticeOnce(notice: (text: string) => void): (text: string) => void {
  const told = new Set<string>();
  return (text) => {
    if (told.has(text)) return;
    if (told.size >= MAX_TOLD) told.clear();
    told.add(text);
    notice(text);
  };
}
