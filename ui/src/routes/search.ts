import { ALERT_STATES } from "../../../src/core/alert-plan.ts";
import { ASSET_STATES } from "../words/asset-state.ts";
import { TRIGGER_KINDS } from "../../../src/core/trigger.ts";
import { LOG_LEVELS } from "../words/log-level.ts";
import { RUN_STATES, type RunState, STATES, type State } from "../words/state.ts";

/** What stands behind the `?` of each page. What does not belong there, or can't be meant, is left out. */

type Given = Record<string, unknown>;

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined;
const whole = (value: unknown): number | undefined => {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
};
const word = <W extends string>(words: readonly W[], value: unknown): W | undefined =>
  words.includes(value as W) ? (value as W) : undefined;
/** Every part may be missing. */
const partly = <S extends object>(search: S): { readonly [Name in keyof S]?: S[Name] } =>
  Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as S;
const flag = (value: unknown): true | undefined => (value === true || value === "true" ? true : undefined);

const state = (value: unknown): State | undefined => word(STATES, value);
const runState = (value: unknown): RunState | undefined => word(RUN_STATES, value);

export const workflowsSearch = (given: Given) =>
  partly({
    q: text(given["q"]),
    tag: text(given["tag"]),
    show: word(["failing", "paused", "unscheduled"], given["show"]),
  });

export const runsSearch = (given: Given) =>
  partly({
    workflow: text(given["workflow"]),
    state: runState(given["state"]),
    tag: text(given["tag"]),
    partition: text(given["partition"]),
    from: text(given["from"]),
    to: text(given["to"]),
  });

export const gridSearch = (given: Given) =>
  partly({
    runs: whole(given["runs"]),
    state: state(given["state"]),
    q: text(given["q"]),
    task: text(given["task"]),
    run: text(given["run"]),
  });

export const graphSearch = (given: Given) =>
  partly({
    version: text(given["version"]),
    from: text(given["from"]),
    task: text(given["task"]),
    q: text(given["q"]),
    folded: text(given["folded"]),
    near: whole(given["near"]),
  });

export const runSearch = (given: Given) =>
  partly({
    task: text(given["task"]),
    map: whole(given["map"]),
    attempt: whole(given["attempt"]),
    scope: word(["task", "run"], given["scope"]),
    level: word(LOG_LEVELS, given["level"]),
    q: text(given["q"]),
    line: whole(given["line"]),
    /** A moment of the run, in milliseconds: how it was then. */
    at: whole(given["at"]),
    open: text(given["open"]),
    path: flag(given["path"]),
    folded: text(given["folded"]),
    near: whole(given["near"]),
  });
export type RunSearch = ReturnType<typeof runSearch>;

/** Of the run, or of one of its tasks. */
export const whySearch = (given: Given) => partly({ task: text(given["task"]), map: whole(given["map"]) });
export const startSearch = (given: Given) => partly({ like: text(given["like"]), date: text(given["date"]) });
export const compareSearch = (given: Given) => partly({ a: text(given["a"]), b: text(given["b"]) });
export const backfillSearch = (given: Given) =>
  partly({
    year: whole(given["year"]),
    schedule: text(given["schedule"]),
    from: text(given["from"]),
    to: text(given["to"]),
  });
export const logsSearch = (given: Given) =>
  partly({
    run: text(given["run"]),
    workflow: text(given["workflow"]),
    level: word(LOG_LEVELS, given["level"]),
    q: text(given["q"]),
  });
export const approvalsSearch = (given: Given) => partly({ id: text(given["id"]) });
export const assetsSearch = (given: Given) =>
  partly({
    q: text(given["q"]),
    state: word(ASSET_STATES, given["state"]),
    view: word(["list"], given["view"]),
    asset: text(given["asset"]),
  });
export const assetSearch = (given: Given) => partly({ partition: text(given["partition"]) });
export const alertsSearch = (given: Given) => partly({ state: word(ALERT_STATES, given["state"]) });
export const eventsSearch = (given: Given) => partly({ kind: word(TRIGGER_KINDS, given["kind"]) });
