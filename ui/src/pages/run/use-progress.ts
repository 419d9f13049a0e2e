import { useQuery } from "@tanstack/react-query";
import { type ProgressOfRun, progressQuery } from "../../api/progress.ts";

const NOTHING: ProgressOfRun = {};

/** How far the tasks of a run are. `isLive`: it goes on, and is shown as it is now. */
export function useProgress(run: string, isLive: boolean): ProgressOfRun {
  const { data = NOTHING } = useQuery({ ...progressQuery(run), enabled: isLive });
  return isLive ? data : NOTHING;
}
