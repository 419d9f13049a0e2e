import type { Instant } from "../core/clock.ts";
import { encodeValue } from "../core/value-codec.ts";
import type { RunWindow } from "../core/window.ts";
import type { NewRun, RunRecord, RunTrigger, VersionRecord } from "../store/store.ts";
import type { AcceptedParams } from "./parse-params.ts";

export interface AcceptedRun {
  readonly id: string;
  readonly versionId: number;
  /** As the user gave them; `undefined`: none. */
  readonly input: unknown;
  readonly parsed: AcceptedParams;
  readonly window: RunWindow;
  readonly trigger: RunTrigger;
}

/** A run as it is recorded when it is accepted, wherever that is. */
export const newRun = ({ id, versionId, input, parsed, window, trigger }: AcceptedRun, now: Instant): NewRun => ({
  id,
  versionId,
  state: "queued",
  generation: 1,
  trigger,
  intervalStart: window.start,
  intervalEnd: window.end,
  date: window.date,
  timezone: window.timezone,
  ...(window.partition !== undefined && { partition: window.partition }),
  paramsInput: input === undefined ? null : encodeValue(input),
  params: parsed.params,
  paramsLists: parsed.lists,
  createdAt: now,
});

/** The same as its row is, before anything has happened to it. */
export const recorded = (run: NewRun, { workflow }: VersionRecord, revision: number): RunRecord => ({
  ...run,
  workflow,
  revision,
  backfill: null,
  cancelRequested: false,
  startedAt: null,
  endedAt: null,
});
