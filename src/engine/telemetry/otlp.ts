import type { Instant } from "../../core/clock.ts";
import { RELEASE } from "../../store/release.ts";

type Plain = string | number | boolean;
export type Attributes = Readonly<Record<string, Plain | null | undefined>>;

/** A span as this engine makes them. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** `null`: the trace's first. */
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly start: Instant;
  readonly end: Instant;
  readonly attributes: Attributes;
  /** `null`: it went well. */
  readonly error: string | null;
  readonly events?: readonly { readonly at: Instant; readonly name: string; readonly attributes?: Attributes }[];
  /** Traces that led to this one. */
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
}

export interface LogRecord {
  readonly traceId: string;
  readonly spanId: string;
  readonly at: Instant;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly attributes: Attributes;
}

/** Of OTLP's own scale. */
const SEVERITY = { debug: 5, info: 9, warn: 13, error: 17 } as const;
const SCOPE = { name: "tutti", version: RELEASE };
const INTERNAL = 1;
const STATUS_ERROR = 2;

/** The body of `POST /v1/traces`, as OTLP/HTTP has it in JSON. */
export const encodeSpans = (spans: readonly Span[], resource: Attributes): string =>
  JSON.stringify({
    resourceSpans: [
      { resource: { attributes: pairs(resource) }, scopeSpans: [{ scope: SCOPE, spans: spans.map(spanDocument) }] },
    ],
  });

/** The body of `POST /v1/logs`. */
export const encodeLogs = (records: readonly LogRecord[], resource: Attributes): string =>
  JSON.stringify({
    resourceLogs: [
      {
        resource: { attributes: pairs(resource) },
        scopeLogs: [{ scope: SCOPE, logRecords: records.map(logDocument) }],
      },
    ],
  });

const spanDocument = ({ traceId, spanId, parentSpanId, name, start, end, attributes, error, events, links }: Span) => ({
  traceId,
  spanId,
  ...(parentSpanId !== null && { parentSpanId }),
  name,
  kind: INTERNAL,
  startTimeUnixNano: nanos(start),
  // A clock that was set back makes no span that ends before it begins.
  endTimeUnixNano: nanos(Math.max(start, end)),
  attributes: pairs(attributes),
  status: error === null ? {} : { code: STATUS_ERROR, message: error },
  ...(events && {
    events: events.map(({ at, name: what, attributes: more = {} }) => ({
      timeUnixNano: nanos(at),
      name: what,
      attributes: pairs(more),
    })),
  }),
  ...(links && { links }),
});

const logDocument = ({ traceId, spanId, at, level, message, attributes }: LogRecord) => ({
  timeUnixNano: nanos(at),
  observedTimeUnixNano: nanos(at),
  severityNumber: SEVERITY[level],
  severityText: level.toUpperCase(),
  body: { stringValue: message },
  attributes: pairs(attributes),
  traceId,
  spanId,
});

const nanos = (at: Instant): string => `${Math.round(at)}000`;

const pairs = (attributes: Attributes) =>
  Object.entries(attributes).flatMap(([key, value]) =>
    value === null || value === undefined ? [] : [{ key, value: valueOf(value) }],
  );

function valueOf(value: Plain) {
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "string") return { stringValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
