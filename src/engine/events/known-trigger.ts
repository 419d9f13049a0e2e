import { subjectsOf, type TriggerManifest } from "../../core/trigger.ts";
import type { SubscriptionRecord } from "../../store/events.ts";
import type { VersionRecord } from "../../store/store.ts";
import { limitsOf, type WindowLimits } from "../firing/window-limits.ts";

/** A trigger as this process knows it. */
export interface KnownTrigger {
  readonly record: SubscriptionRecord;
  readonly version: VersionRecord;
  readonly trigger: TriggerManifest;
  readonly limits: WindowLimits;
}

export function knownTrigger(record: SubscriptionRecord, version: VersionRecord): KnownTrigger | null {
  const trigger = version.manifest.triggers?.find(({ name }) => name === record.name);
  return trigger === undefined ? null : { record, version, trigger, limits: limitsOf(version) };
}

/** What it is found by: the kind of event with its name; of a source, itself. */
export const hearsOf = ({ record, trigger }: KnownTrigger): readonly string[] =>
  trigger.kind === "file" || trigger.kind === "poll"
    ? [sourceSubject(record.id)]
    : subjectsOf(trigger).map((subject) => `${trigger.kind} ${subject}`);

export const sourceSubject = (subscription: number): string => `source ${subscription}`;
