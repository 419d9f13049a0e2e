import { instantFromDate, systemClock } from "../core/clock.ts";
import { runIdFrom } from "../core/run-id.ts";
import { readSelection } from "../core/run-selection.ts";
import type { RunState } from "../core/run-state.ts";
import type { RunQuery } from "../store/reader.ts";
import type { Caller } from "./caller.ts";
import type { Catalog } from "./catalog.ts";
import { badRequest } from "./failure.ts";

/** As the API takes it, in the list and in acts on many. */
export interface RunSelection {
  readonly workflow?: readonly string[];
  readonly state?: readonly RunState[];
  readonly tag?: readonly string[];
  readonly partition?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  /** Instead of the others: the same as text. */
  readonly select?: string;
}

/** What of the store it stands for, among what the caller may see. `null`: certainly nothing. */
export async function selected(
  { select, ...fields }: RunSelection,
  caller: Caller,
  catalog: Catalog,
): Promise<Omit<RunQuery, "limit"> | null> {
  if (select !== undefined && Object.values(fields).some((field) => field !== undefined))
    throw badRequest(`Choose runs either by "select" or by fields of their own.`);
  const chosen = select === undefined ? fields : readSelection(select, systemClock.now());
  const { workflow, state, tag, partition, from, to } = chosen;
  const names = await workflowsOf({ workflow, tag }, caller, catalog);
  if (names?.length === 0) return null;
  return {
    ...(names === null ? {} : { workflow: names }),
    ...(state === undefined || state.length === 0 ? {} : { states: [...new Set(state)] }),
    ...(partition === undefined || partition.length === 0 ? {} : { partitions: [...new Set(partition)] }),
    ...(from === undefined ? {} : { after: beforeAll(from) }),
    ...(to === undefined ? {} : { before: beforeAll(to) }),
  };
}

/** `null`: all. */
async function workflowsOf(
  { workflow, tag }: { readonly workflow: readonly string[] | undefined; readonly tag: readonly string[] | undefined },
  caller: Caller,
  catalog: Catalog,
): Promise<readonly string[] | null> {
  const asked = workflow === undefined ? null : [...new Set(workflow)];
  if (tag === undefined && caller.tags === null) return asked;
  const seen = (await catalog.list(caller))
    .filter(({ version }) => tag === undefined || tag.some((each) => version.manifest.tags.includes(each)))
    .map(({ summary }) => summary.name);
  return asked === null ? seen : asked.filter((name) => seen.includes(name));
}

/** Ids of runs begin with their time: this one is before every run that was made at that moment or later. */
function beforeAll(moment: string): string {
  const instant = Math.max(0, instantFromDate(new Date(moment)));
  return runIdFrom(instant, new Uint8Array(10));
}
