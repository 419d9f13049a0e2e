import type { News, RunBar, Timeline } from "../api/overview.ts";

export interface DrawnLane {
  readonly workflow: string;
  readonly bars: readonly { readonly run: RunBar; readonly begin: number; readonly end: number }[];
  /** When its schedules fire. */
  readonly coming: readonly number[];
  readonly failed: number;
}

interface Facts {
  /** All of them, whether they ran or not. */
  readonly workflows: readonly string[];
  readonly timeline: Timeline;
  readonly news: readonly News[];
  readonly from: number;
  readonly to: number;
}

const SHOWN = 10;
/** More bars than there is room for are no more than a bar. */
const MOST_BARS = 400;

/** Of a stretch of time, the runs of each workflow: those with news first, then those that ran last. */
export function lanesOf({ workflows, timeline, news, from, to }: Facts): DrawnLane[] {
  const newsFirst = new Map(news.map(({ workflow }, at) => [workflow, at]));
  const lanes = new Map(timeline.lanes.map((lane) => [lane.workflow, lane]));
  const lastOf = (name: string): string => lanes.get(name)?.runs[0]?.createdAt ?? "";
  return workflows
    .toSorted(
      (a, b) => (newsFirst.get(a) ?? Infinity) - (newsFirst.get(b) ?? Infinity) || lastOf(b).localeCompare(lastOf(a)),
    )
    .slice(0, SHOWN)
    .map((name) => {
      const lane = lanes.get(name);
      const bars = (lane?.runs ?? []).slice(0, MOST_BARS).flatMap((run) => {
        const begin = Date.parse(run.startedAt ?? run.createdAt);
        const end = run.endedAt === null ? to : Date.parse(run.endedAt);
        return end < from || begin > to ? [] : [{ run, begin: Math.max(begin, from), end }];
      });
      return {
        workflow: name,
        bars,
        coming: (lane?.coming ?? []).map((at) => Date.parse(at)).filter((at) => at >= from && at <= to),
        failed: bars.filter(({ run }) => run.state === "failed").length,
      };
    });
}
