import { checkFinding } from "../../core/check-result.ts";
import { dateFromInstant, type Instant } from "../../core/clock.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { GivenEvent } from "../../core/event.ts";
import type { TaskManifest } from "../../core/manifest.ts";
import { traceIdOf } from "../../core/trace-context.ts";
import { RELEASE } from "../../store/release.ts";
import type { LiveRun } from "../live-run.ts";

const PRODUCER = `https://www.npmjs.com/package/tutti/v/${RELEASE}`;
const EVENT_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";

/** Which version of OpenLineage's own facets these are. */
const FACETS = {
  NominalTimeRunFacet: "1-0-1",
  ParentRunFacet: "1-2-0",
  ErrorMessageRunFacet: "1-0-1",
  ProcessingEngineRunFacet: "1-1-1",
  JobTypeJobFacet: "2-0-4",
  DocumentationJobFacet: "1-1-0",
  DocumentationDatasetFacet: "1-1-0",
  OwnershipDatasetFacet: "1-0-1",
  OutputStatisticsOutputDatasetFacet: "1-0-2",
} as const;

export type LineageType = "START" | "COMPLETE" | "FAIL" | "ABORT";

/** A run event of OpenLineage, as JSON. */
export type LineageEvent = Readonly<Record<string, unknown>>;

interface Told {
  readonly type: LineageType;
  readonly at: Instant;
  readonly namespace: string;
  readonly error?: ErrorData | null;
}

/** Of a run: its job is the workflow. */
export function runEvent(run: LiveRun, { type, at, namespace, error = null }: Told): LineageEvent {
  const { manifest } = run.version.record;
  const names = (pick: (task: TaskManifest) => readonly string[] | undefined) => [
    ...new Set(manifest.tasks.flatMap((task) => pick(task) ?? [])),
  ];
  const outputs = type === "COMPLETE" ? names(({ produces }) => produces) : [];
  return {
    ...head(type, at),
    run: { runId: uuidOf(traceIdOf(run.id)), facets: { ...timeFacets(run), ...errorFacet(error) } },
    job: {
      namespace,
      name: run.record.workflow,
      facets: jobFacets("DAG", manifest.description),
    },
    inputs: names(({ consumes }) => consumes).map((name) => dataset(name, namespace)),
    outputs: outputs.map((name) => dataset(name, namespace)),
  };
}

export interface ToldTask extends Told {
  /** Its place in the manifest. */
  readonly task: number;
  readonly taskRunId: number;
  readonly attempt: number;
  /** What its code says that has happened. */
  readonly events?: readonly GivenEvent[];
}

/** Of one attempt at a task that makes or reads assets: its job is the task. */
export function taskEvent(run: LiveRun, { task, taskRunId, attempt, events = [], ...told }: ToldTask): LineageEvent {
  const { type, at, namespace, error = null } = told;
  const manifest = run.version.record.manifest.tasks[task]!;
  const { workflow } = run.record;
  const parent = facet("ParentRunFacet", {
    run: { runId: uuidOf(traceIdOf(run.id)) },
    job: { namespace, name: workflow },
  });
  const made = events.filter(({ kind }) => kind === "asset");
  return {
    ...head(type, at),
    run: {
      runId: attemptUuid(run.id, taskRunId, attempt),
      facets: { ...timeFacets(run), parent, ...errorFacet(error) },
    },
    job: { namespace, name: `${workflow}.${manifest.name}`, facets: jobFacets("TASK", manifest.description) },
    inputs: (manifest.consumes ?? []).map((name) => described(name, namespace, manifest)),
    outputs: made.map((event) => output(event, events, namespace, manifest)),
  };
}

const head = (type: LineageType, at: Instant) => ({
  eventType: type,
  eventTime: time(at),
  producer: PRODUCER,
  schemaURL: EVENT_SCHEMA,
});

const time = (at: Instant): string => dateFromInstant(at).toISOString();

const facet = (name: keyof typeof FACETS, fields: object) => ({
  _producer: PRODUCER,
  _schemaURL: `https://openlineage.io/spec/facets/${FACETS[name]}/${name}.json#/$defs/${name}`,
  ...fields,
});

const timeFacets = ({ record }: LiveRun) => ({
  nominalTime: facet("NominalTimeRunFacet", {
    nominalStartTime: time(record.intervalStart),
    nominalEndTime: time(record.intervalEnd),
  }),
  processing_engine: facet("ProcessingEngineRunFacet", { version: RELEASE, name: "tutti" }),
});

const errorFacet = (error: ErrorData | null) =>
  error === null
    ? {}
    : {
        errorMessage: facet("ErrorMessageRunFacet", {
          message: error.message,
          programmingLanguage: "TypeScript",
          ...(error.stack !== undefined && { stackTrace: error.stack }),
        }),
      };

const jobFacets = (jobType: string, description: string | null) => ({
  jobType: facet("JobTypeJobFacet", { processingType: "BATCH", integration: "TUTTI", jobType }),
  ...(description !== null && { documentation: facet("DocumentationJobFacet", { description }) }),
});

/** A URL's place is the namespace, and the rest the name; another name is one of this project's. */
function dataset(name: string, namespace: string) {
  const [, place, path] = /^([a-z][\w+.-]*:\/\/[^/]+)\/(.+)$/i.exec(name) ?? [];
  return place !== undefined && path !== undefined ? { namespace: place, name: path } : { namespace, name };
}

function described(name: string, namespace: string, { assets = [] }: TaskManifest) {
  const about = assets.find((asset) => asset.name === name);
  const facets = {
    ...(about?.description !== undefined && {
      documentation: facet("DocumentationDatasetFacet", { description: about.description }),
    }),
    ...(about?.owner !== undefined && {
      ownership: facet("OwnershipDatasetFacet", { owners: [{ name: about.owner, type: "OWNER" }] }),
    }),
  };
  return { ...dataset(name, namespace), ...(Object.keys(facets).length > 0 && { facets }) };
}

/** What was made, with what the task said about it and what its checks found. */
function output(event: GivenEvent, events: readonly GivenEvent[], namespace: string, manifest: TaskManifest) {
  const { name, payload, partition } = event;
  const metadata = payload === null ? null : (JSON.parse(payload) as Record<string, unknown>);
  const rows = metadata?.["rows"] ?? metadata?.["rowCount"];
  const checks = events.flatMap(({ kind, name: of, key, partition: part, payload: found }) =>
    kind === "check" && of === name && part === partition && found !== null
      ? [{ check: key, status: checkFinding(found).status }]
      : [],
  );
  const base = described(name, namespace, manifest);
  const materialization = {
    _producer: PRODUCER,
    _schemaURL: `${PRODUCER}#tutti_materialization`,
    partition,
    metadata,
    checks,
  };
  return {
    ...base,
    facets: { ...base.facets, tutti_materialization: materialization },
    ...(typeof rows === "number" &&
      Number.isSafeInteger(rows) &&
      rows >= 0 && {
        outputFacets: { outputStatistics: facet("OutputStatisticsOutputDatasetFacet", { rowCount: rows }) },
      }),
  };
}

const uuidOf = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");

/** The time of its run, and what is its own: the same whoever tells of it. */
export function attemptUuid(runId: string, taskRunId: number, attempt: number): string {
  const run = traceIdOf(runId);
  const own = (((BigInt(taskRunId) << 12n) | BigInt(attempt & 0xfff)) & ((1n << 62n) - 1n)) | (1n << 63n);
  return uuidOf(`${run.slice(0, 12)}8${run.slice(13, 16)}${own.toString(16).padStart(16, "0")}`);
}
