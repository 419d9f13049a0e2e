import type { Alert } from "../../authoring/alert.ts";
import { cut, type Level, type Message } from "./message.ts";

const EVENTS = {
  failed: { said: "failed", level: "error" },
  retry: { said: "failed and will be tried again", level: "warning" },
  succeeded: { said: "succeeded", level: "success" },
  skipped: { said: "was skipped", level: "info" },
  late: { said: "is late", level: "warning" },
  slow: { said: "is slower than usual", level: "warning" },
  stale: { said: "has an asset that is late", level: "warning" },
  check: { said: "made an asset that a check found fault with", level: "warning" },
  problem: { said: "has a problem", level: "error" },
} as const satisfies Record<Alert["event"], { readonly said: string; readonly level: Level }>;

const LINES = 15;
const LINE_LENGTH = 300;
const ERROR_LENGTH = 1_500;

/** What a notifier says about an alert when it has no template. */
export function alertMessage(alert: Alert): Message {
  const { said, level } = EVENTS[alert.event];
  const text = [causeOf(alert), undeliveredOf(alert)].filter((part) => part !== null).join("\n\n");
  return {
    title: `${subject(alert)} ${said}`,
    level,
    ...(text === "" ? {} : { text }),
    fields: facts(alert),
    lines: alert.log.slice(-LINES).map((line) => cut(line, LINE_LENGTH)),
    ...(alert.url === null ? {} : { url: alert.url }),
  };
}

function subject({ workflow, task, count }: Alert): string {
  const name = [workflow, task].filter((part) => part !== null).join(" / ") || "Tutti";
  return count > 1 ? `${name} (${count} task runs)` : name;
}

function causeOf({ error }: Alert): string | null {
  if (error === null) return null;
  return cut(`${error.name}: ${error.message}${error.code === undefined ? "" : ` [${error.code}]`}`, ERROR_LENGTH);
}

/** It comes second-hand: to whom it should have gone. */
function undeliveredOf({ undelivered }: Alert): string | null {
  if (undelivered === null) return null;
  const { to, error } = undelivered;
  return cut(`This was for ${to}, who could not be told: ${error.message}`, ERROR_LENGTH);
}

/** What is known of it, in this order. */
function facts({ date, runId, attempt, failedTasks }: Alert): Record<string, string | number> {
  return {
    ...(date === null ? {} : { date }),
    ...(failedTasks.length === 0 ? {} : { failed: cut(failedTasks.map(named).join(", "), LINE_LENGTH) }),
    ...(attempt === null || attempt === 1 ? {} : { attempt }),
    ...(runId === null ? {} : { run: runId }),
  };
}

const named = ({ task, count }: Alert["failedTasks"][number]): string => (count > 1 ? `${task} (${count})` : task);
