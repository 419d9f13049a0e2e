/** What the engine knows of itself, since it began. */
export interface EngineFigures {
  ticks: number;
  groups: number;
  droppedGroups: number;
  transitions: number;
  commitMs: number;
}

export const noFigures = (): EngineFigures => ({ ticks: 0, groups: 0, droppedGroups: 0, transitions: 0, commitMs: 0 });
