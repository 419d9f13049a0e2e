import type { TriggerManifest } from "../core/trigger.ts";
import type { EventTrigger } from "./event-trigger.ts";
import { refusal } from "./refusal.ts";

/** As the manifest holds them. @throws TuttiError `DUPLICATE_TRIGGER` */
export function readTriggers(triggers: readonly EventTrigger[], what: string): TriggerManifest[] {
  const read: TriggerManifest[] = [];
  for (const trigger of triggers) read.push(trigger.manifest(read.map(({ name }) => name)));
  const names = read.map(({ name }) => name);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined)
    throw refusal("DUPLICATE_TRIGGER", `${what} has two triggers named "${twice}". Give one of them another name.`);
  return read;
}
