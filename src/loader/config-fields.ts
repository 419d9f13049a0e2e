import { parseDuration } from "../core/duration.ts";
import { readDirectAddress, readStore, shownStore } from "./config-store.ts";
import type { RetentionConfig, TuttiConfig } from "./define-config.ts";
import { Refused } from "./refused.ts";

/** How one field of the configuration is read. `read` gives the checked value, or throws a sentence's end: what it must be. */
export interface ConfigField {
  readonly variable: string;
  readonly read: (value: unknown) => unknown;
  /** Of the text of an environment variable or flag, before `read`. */
  readonly fromText: (text: string) => unknown;
  /** What a message may show of a refused value. Default: all of it. */
  readonly shown?: (value: unknown) => unknown;
}

const text = (value: unknown): string => {
  if (typeof value !== "string" || value.trim() === "") throw new Refused("must be a text that is not empty");
  return value;
};

const siteUrl = (value: unknown): string => {
  const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : null;
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.pathname !== "/" ||
    url.search !== "" ||
    url.username !== ""
  )
    throw new Refused(`must be how browsers reach the server, such as "https://tutti.example.com", without a path`);
  return url.origin;
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

const hosts = (value: unknown): readonly string[] =>
  list(value).map((host) => {
    const text = host.toLowerCase();
    const asUrl = `http://${text.includes(":") && !text.startsWith("[") ? `[${text}]` : text}`;
    if (!URL.canParse(asUrl) || new URL(asUrl).host !== new URL(asUrl).hostname || /[/?#@]/.test(text))
      throw new Refused(
        `must be a list of hosts, such as ["hooks.internal"], without "https://" and port; "${host}" is none`,
      );
    // As URLs have it, without the brackets of IPv6.
    return new URL(asUrl).hostname.replace(/^\[(.*)\]$/, "$1");
  });

const record = (value: unknown): Readonly<Record<string, unknown>> => {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Refused("must be an object");
  return value as Record<string, unknown>;
};

const POOL_NAME = /^[A-Za-z0-9_.-]{1,200}$/;
export const MOST_SLOTS = 1_000_000;

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

const pools = (value: unknown): Readonly<Record<string, number>> => {
  const sizes = Object.entries(record(value)).map(([name, slots]) => {
    const size = typeof slots === "string" ? asNumber(slots) : slots;
    if (!POOL_NAME.test(name))
      throw new Refused(`must name pools with letters, digits, "_", "-" and "."; "${name}" is no such name`);
    if (!Number.isSafeInteger(size) || (size as number) < 1 || (size as number) > MOST_SLOTS)
      throw new Refused(`must give pool "${name}" a whole number of slots from 1 to 1,000,000`);
    return [name, size as number] as const;
  });
  return Object.fromEntries(sizes);
};

/** `connections` is not among them: each of its entries has a variable of its own. `alerts` is code, and stands in the file. */
export const CONFIG_FIELDS = {
  pipelines: { variable: "TUTTI_PIPELINES", read: text, fromText: asIs },
  state: { variable: "TUTTI_STATE", read: text, fromText: asIs },
  store: { variable: "TUTTI_STORE", read: readStore, fromText: asIs, shown: shownStore },
  storeDirect: { variable: "TUTTI_STORE_DIRECT", read: readDirectAddress, fromText: asIs, shown: shownStore },
  artifacts: { variable: "TUTTI_ARTIFACTS", read: text, fromText: asIs },
  logs: { variable: "TUTTI_LOGS", read: text, fromText: asIs },
  pools: { variable: "TUTTI_POOLS", read: pools, fromText: asPairs },
  secrets: { variable: "TUTTI_SECRETS", read: list, fromText: asList },
  encryptionKeyFile: { variable: "TUTTI_ENCRYPTION_KEY_FILE", read: text, fromText: asIs },
  host: { variable: "TUTTI_HOST", read: text, fromText: asIs },
  port: { variable: "TUTTI_PORT", read: whole(0, 65_535), fromText: asNumber },
  publicUrl: { variable: "TUTTI_PUBLIC_URL", read: siteUrl, fromText: asIs },
  children: { variable: "TUTTI_CHILDREN", read: whole(1, 512), fromText: asNumber },
  tasksPerChild: { variable: "TUTTI_TASKS_PER_CHILD", read: whole(1, 10_000), fromText: asNumber },
  childVersions: { variable: "TUTTI_CHILD_VERSIONS", read: whole(1, 10_000), fromText: asNumber },
  loadTimeout: { variable: "TUTTI_LOAD_TIMEOUT", read: durationMs(1), fromText: asDuration },
  grace: { variable: "TUTTI_GRACE", read: durationMs(0), fromText: asDuration },
  maxValueBytes: { variable: "TUTTI_MAX_VALUE_BYTES", read: whole(1024, 2 ** 30), fromText: asNumber },
  logLimitBytes: { variable: "TUTTI_LOG_LIMIT_BYTES", read: whole(1024, 2 ** 40), fromText: asNumber },
  external: { variable: "TUTTI_EXTERNAL", read: list, fromText: asList },
  exact: { variable: "TUTTI_EXACT", read: list, fromText: asList },
  nodeOptions: { variable: "TUTTI_NODE_OPTIONS", read: list, fromText: asList },
  webhookHosts: { variable: "TUTTI_WEBHOOK_HOSTS", read: hosts, fromText: asList },
  telemetry: { variable: "TUTTI_TELEMETRY", read: text, fromText: asIs },
  lineage: { variable: "TUTTI_LINEAGE", read: text, fromText: asIs },
  // What `readOidc` makes of it needs the environment too.
  oidc: { variable: "TUTTI_OIDC", read: record, fromText: asPairs, shown: () => "what was given" },
  retention: { variable: "TUTTI_RETENTION", read: record, fromText: asPairs },
} as const satisfies Record<Exclude<keyof TuttiConfig, "connections" | "alerts" | "webhooks">, ConfigField>;

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
  events: 30 * DAY_MS,
} as const satisfies Record<keyof RetentionConfig, number>;
