import { DEFAULT_QUEUE } from "../owner/fleet/queue-words.ts";
import { UsageError } from "./usage-error.ts";

const MAX_SLOTS = 100_000;
/** As names of tasks: they stand in code, in commands and in messages. */
const NAME = /^[\p{L}\p{N}_.-]{1,200}$/u;

/** What says what a worker takes. */
export const WORKER_ARGS = {
  queue: {
    type: "string",
    description: `A queue to take tasks from; may stand several times (default: "${DEFAULT_QUEUE}")`,
    valueHint: "name",
  },
  slots: { type: "string", description: "Tasks at once (default: children × tasksPerChild)", valueHint: "count" },
  label: { type: "string", description: "Shown by tutti workers; may stand several times", valueHint: "name=value" },
} as const;

/** @throws UsageError */
export function queuesFrom(given: readonly string[]): readonly string[] {
  const wrong = given.find((queue) => !NAME.test(queue));
  if (wrong !== undefined)
    throw new UsageError(`"${wrong}" is no name of a queue. Give 1 to 200 letters, digits, "_", "-" or ".".`);
  return given.length === 0 ? [DEFAULT_QUEUE] : [...new Set(given)];
}

/** @throws UsageError */
export function slotsFrom(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const slots = Number(given);
  if (!Number.isSafeInteger(slots) || slots < 1 || slots > MAX_SLOTS)
    throw new UsageError(`"${given}" is no number of slots. Give a whole number from 1 to ${MAX_SLOTS}.`);
  return slots;
}

/** @throws UsageError */
export function labelsFrom(given: readonly string[]): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (const pair of given) {
    const [, name, value] = /^([^=]+)=(.+)$/s.exec(pair) ?? [];
    if (name === undefined || value === undefined)
      throw new UsageError(`"${pair}" is no label. Write: --label zone=eu-1`);
    if (Object.hasOwn(labels, name)) throw new UsageError(`Label "${name}" is given twice.`);
    labels[name] = value;
  }
  return labels;
}
