import { Refused } from "./refused.ts";

/** Where traces and logs are sent to. */
export interface TelemetrySettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly service: string;
  readonly logs: boolean;
}

/** Where lineage is sent to. */
export interface LineageSettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly namespace: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** With what OpenTelemetry's own variables say. */
export const telemetrySettings = (url: string, env: Env): TelemetrySettings => ({
  url: httpUrl(url),
  headers: headersIn(env["OTEL_EXPORTER_OTLP_HEADERS"]),
  service: env["OTEL_SERVICE_NAME"] || "tutti",
  logs: env["OTEL_LOGS_EXPORTER"] !== "none",
});

/** With what OpenLineage's own variables say. */
export const lineageSettings = (url: string, env: Env): LineageSettings => ({
  url: new URL(env["OPENLINEAGE_ENDPOINT"] || "api/v1/lineage", `${httpUrl(url).replace(/\/+$/, "")}/`).href,
  headers: env["OPENLINEAGE_API_KEY"] ? { authorization: `Bearer ${env["OPENLINEAGE_API_KEY"]}` } : {},
  namespace: env["OPENLINEAGE_NAMESPACE"] || "tutti",
});

function httpUrl(url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw new Refused(`must be an address such as "http://localhost:4318"`);
}

/** `key=value,key=value`, each value escaped as in a URL. */
function headersIn(text = ""): Readonly<Record<string, string>> {
  const pairs = text.split(",").flatMap((pair) => {
    const [, name, value] = /^\s*([\w.-]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
    if (name === undefined || value === undefined) return [];
    try {
      return [[name.toLowerCase(), decodeURIComponent(value)] as const];
    } catch {
      return [[name.toLowerCase(), value] as const];
    }
  });
  return Object.fromEntries(pairs);
}
