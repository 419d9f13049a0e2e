import { overviewContracts } from "../../api/overview-contracts.ts";
import { momentText } from "../../core/moment-text.ts";
import type { RunSummary } from "../../store/reader.ts";
import { comingFires, fires } from "../coming-fires.ts";
import { badRequest } from "../failure.ts";
import { on } from "../handler.ts";
import { selected } from "../run-selection.ts";
import { runBar } from "./overview.ts";

const MOST_RUNS = 5_000;
const MOST_UNFINISHED = 1_000;
const MOST_COMING = 200;
const LONGEST_MS = 92 * 86_400_000;
const DAY_MS = 86_400_000;
const US = 1000;

export const timelineRoutes = [
  on(overviewContracts.timeline, async ({ query, caller }, { catalog, reader, clock }) => {
    const [fromMs, toMs] = [Date.parse(query.from), Date.parse(query.to)];
    if (fromMs >= toMs || toMs - fromMs > LONGEST_MS)
      throw badRequest(`"to" must be after "from", and no more than 92 days later.`);
    const nowMs = clock.now() / US;
    const { workflow, tag, from, to } = query;
    const of = { ...(workflow === undefined ? {} : { workflow }), ...(tag === undefined ? {} : { tag }) };
    const chosen = await selected({ ...of, from, to }, caller, catalog);
    const found = chosen === null ? [] : await reader.listRuns({ ...chosen, limit: MOST_RUNS + 1 });
    // What began before, and goes on.
    const earlier = await selected({ ...of, to: from, state: ["queued", "running"] }, caller, catalog);
    const going = earlier === null ? [] : await reader.listRuns({ ...earlier, limit: MOST_UNFINISHED });
    const runs = Map.groupBy([...found.slice(0, MOST_RUNS), ...going], (run) => run.workflow);
    const workflows = (await catalog.list(caller)).filter(
      ({ summary, version }) =>
        (workflow === undefined || workflow.includes(summary.name)) &&
        (tag === undefined || tag.some((each) => version.manifest.tags.includes(each))),
    );
    const lanes = workflows.map((each) => ({
      workflow: each.summary.name,
      runs: (runs.get(each.summary.name) ?? ([] as RunSummary[])).map(runBar),
      coming: fires(each)
        ? comingFires(each, Math.max(nowMs, fromMs), toMs, MOST_COMING).map(({ fireMs }) => momentText(fireMs * US))
        : [],
    }));
    return {
      from: momentText(fromMs * US),
      to: momentText(toMs * US),
      now: momentText(clock.now()),
      lanes: lanes.filter((lane) => lane.runs.length > 0 || lane.coming.length > 0),
      more: found.length > MOST_RUNS,
    };
  }),

  on(overviewContracts.coming, async ({ query, caller }, { catalog, clock }) => {
    const { workflow, count = 100 } = query;
    const afterMs = query.after === undefined ? clock.now() / US : Date.parse(query.after);
    const untilMs = query.until === undefined ? afterMs + DAY_MS : Date.parse(query.until);
    const coming = (await catalog.list(caller))
      .filter((each) => fires(each) && (workflow === undefined || workflow.includes(each.summary.name)))
      .flatMap((each) => comingFires(each, afterMs, untilMs, count));
    return {
      items: coming
        .sort((a, b) => a.fireMs - b.fireMs)
        .slice(0, count)
        .map(({ workflow: name, schedule, fireMs }) => ({ workflow: name, schedule, fireAt: momentText(fireMs * US) })),
    };
  }),
];
