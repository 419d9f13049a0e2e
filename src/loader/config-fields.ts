import { parseDuration } from "../core/duration.ts";
import type { RetentionConfig, TuttiConfig } from "./define-config.ts";

/** How one field of the configuration is read. `read` gives the checked value, or throws a sentence's end: what it must be. */
export interface ConfigField {
  readonly variable: string;
  readonly read: (value: unknown) => unknown;
  /** Of the text of an environment variable or flag, before `read`. */
  readonly fromText: (text: string) => unknown;
}

/** Why a value is refused: `must be …`. Becomes a part of `BAD_CONFIG`. */
export class Refused extends Error {}

const text = (value: unknown): string => {
  if (typeof value !== "string" || value.trim() === "") throw new Refused("must be a text that is not empty");
  return value;
};

const whole =
  (least: number, most: number) =>
  (value: unknown): number => {
    if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most)
      throw new Refused(`must be a whole number from ${least.toLocaleString("en")} to ${most.toLocaleString("en")}`);
    return value as number;
  };

const durationMs =
  (leastMs: number) =>
  (value: unknown): number => {
    let ms: number;
    try {
      ms = parseDuration(value as string);
    } catch {
      throw new Refused(`must be a length of time, such as "10s", "1h 30m" or "90d"`);
    }
    if (ms < leastMs) throw new Refused(`must be at least ${leastMs} ms`);
    return ms;
  };

const list = (value: unknown): readonly string[] => {
  if (!Array.isArray(value) || value.some((item) => typeof item !== "string" || item === ""))
    throw new Refused("must be a list of texts");
  return value as string[];
};

const record = (value: unknown): Readonly<Record<string, unknown>> => {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Refused("must be an object");
  return value as Record<string, unknown>;
};

const asIs = (value: string): unknown => value;
// `Number("")` is 0, which nobody meant.
const asNumber = (value: string): unknown =>
  value.trim() === "" || Number.isNaN(Number(value)) ? value : Number(value);
const asDuration = (value: string): unknown => (/^\d+$/.test(value) ? Number(value) : value);
const asList = (value: string): unknown =>
  value
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
const asPairs = (value: string): unknown =>
  Object.fromEntries(value.split(",").map((pair) => pair.split("=", 2).map((part) => part.trim())));

/** `connections` is not among them: each of its entries has a variable of its own. */
export const CONFIG_FIELDS = {
  pipelines: { variable: "TUTTI_PIPELINES", read: text, fromText: asIs },
  state: { variable: "TUTTI_STATE", read: text, fromText: asIs },
  store: { variable: "TUTTI_STORE", read: text, fromText: asIs },
  artifacts: { variable: "TUTTI_ARTIFACTS", read: text, fromText: asIs },
  children: { variable: "TUTTI_CHILDREN", read: whole(1, 512), fromText: asNumber },
  tasksPerChild: { variable: "TUTTI_TASKS_PER_CHILD", read: whole(1, 10_000), fromText: asNumber },
  childVersions: { variable: "TUTTI_CHILD_VERSIONS", read: whole(1, 10_000), fromText: asNumber },
  loadTimeout: { variable: "TUTTI_LOAD_TIMEOUT", read: durationMs(1), fromText: asDuration },
  grace: { variable: "TUTTI_GRACE", read: durationMs(0), fromText: asDuration },
  maxValueBytes: { variable: "TUTTI_MAX_VALUE_BYTES", read: whole(1024, 2 ** 30), fromText: asNumber },
  logLimitBytes: { variable: "TUTTI_LOG_LIMIT_BYTES", read: whole(1024, 2 ** 40), fromText: asNumber },
  external: { variable: "TUTTI_EXTERNAL", read: list, fromText: asList },
  nodeOptions: { variable: "TUTTI_NODE_OPTIONS", read: list, fromText: asList },
  retention: { variable: "TUTTI_RETENTION", read: record, fromText: asPairs },
} as const satisfies Record<Exclude<keyof TuttiConfig, "connections">, ConfigField>;

export const readConnectionUrl = text;
export const readConnections = record;
/** `null`: for ever. */
export const readRetention = (value: unknown): number | null => (value === "forever" ? null : durationMs(1)(value));

const DAY_MS = 86_400_000;
export const RETENTION_DEFAULTS = {
  runs: 90 * DAY_MS,
  logs: 30 * DAY_MS,
  artifacts: 30 * DAY_MS,
  versions: 30 * DAY_MS,
} as const satisfies Record<keyof RetentionConfig, number>;
