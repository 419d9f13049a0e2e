import { instantFromDate, systemClock } from "../core/clock.ts";
import { runIdFrom } from "../core/run-id.ts";
import { readSelection } from "../core/run-selection.ts";
import type { RunState } from "../core/run-state.ts";
import type { RunQuery } from "../store/reader.ts";
import type { RunListed, StoreView } from "../store/store-view.ts";
import { UsageError } from "./usage-error.ts";

/** The option of every command that chooses several runs. */
export const SELECT_ARG = {
  type: "string",
  description: "Those that this chooses: words of workflow, state, tag, partition, since, until",
  valueHint: "state:failed since:2d",
} as const;

/** More at once are asked for again: nobody means them all by one line. */
const MOST = 1_000;

/** What of a store a selection stands for; the API reads the same language. `null`: nothing. @throws TuttiError `BAD_SELECTION` */
export async function selectedRuns(text: string, view: StoreView): Promise<Omit<RunQuery, "limit"> | null> {
  const { workflow, state, tag, partition, from, to } = readSelection(text, systemClock.now());
  const tagged = tag === undefined ? undefined : await view.listTagged(tag);
  const names = tagged === undefined ? workflow : (workflow ?? tagged).filter((name) => tagged.includes(name));
  if (names?.length === 0) return null;
  return {
    ...(names === undefined ? {} : { workflow: names }),
    ...(state === undefined ? {} : { states: [...new Set(state)] }),
    ...(partition === undefined ? {} : { partitions: [...new Set(partition)] }),
    ...(from === undefined ? {} : { after: beforeAll(from) }),
    ...(to === undefined ? {} : { before: beforeAll(to) }),
  };
}

/** Those of the selection that are in one of these states, newest first. @throws UsageError for one that chooses nothing in particular */
export async function chosenRuns(
  text: string,
  states: readonly RunState[],
  view: StoreView,
): Promise<readonly RunListed[]> {
  const query = await selectedRuns(text, view);
  if (query === null) return [];
  if (Object.keys(query).length === 0) throw new UsageError(`--select "${text}" chooses every run. Say which.`);
  const wanted = states.filter((state) => query.states === undefined || query.states.includes(state));
  if (wanted.length === 0) return [];
  const found = await view.listRuns({ ...query, states: wanted, limit: MOST + 1 });
  if (found.length <= MOST) return found;
  throw new UsageError(`--select "${text}" chooses more than ${MOST} runs. Choose fewer at once.`);
}

/** Ids of runs begin with their time: this one is before every run that was made at that moment or later. */
const beforeAll = (moment: string): string =>
  runIdFrom(Math.max(0, instantFromDate(new Date(moment))), new Uint8Array(10));
