import { Type, type TSchema } from "typebox";
import { Compile } from "typebox/compile";

/**
 * What the standard asks of a run event, as JSON Schema in our own words: OpenLineage 2-0-2 (`spec/OpenLineage.json`, `#/$defs/RunEvent`)
 * and the facets that are sent, each in the version that its `_schemaURL` names. The schema itself is in no package; the official
 * Python classes read the same events in `npm run test:systems`.
 */
const Uri = Type.String({ pattern: "^[a-z][a-z0-9+.-]*:\\S+$" });
const Uuid = Type.String({ pattern: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" });
const Time = Type.String({ pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$" });

const BASE = { _producer: Uri, _schemaURL: Uri };
const facet = (fields: Record<string, TSchema>) => Type.Object({ ...BASE, ...fields });
/** Those that are sent have their fields; any other is at least a facet. */
const facets = (known: Record<string, TSchema>) =>
  Type.Object(Object.fromEntries(Object.entries(known).map(([name, schema]) => [name, Type.Optional(schema)])), {
    additionalProperties: Type.Object(BASE),
  });

const Job = Type.Object({ namespace: Type.String(), name: Type.String() });

const RunFacets = facets({
  nominalTime: facet({ nominalStartTime: Time, nominalEndTime: Type.Optional(Time) }),
  parent: facet({ run: Type.Object({ runId: Uuid }), job: Job }),
  errorMessage: facet({
    message: Type.String(),
    programmingLanguage: Type.String(),
    stackTrace: Type.Optional(Type.String()),
  }),
  processing_engine: facet({ version: Type.String(), name: Type.Optional(Type.String()) }),
});

const Documentation = facet({ description: Type.String() });

const JobFacets = facets({
  jobType: facet({
    processingType: Type.String(),
    integration: Type.String(),
    jobType: Type.Optional(Type.String()),
  }),
  documentation: Documentation,
});

const DATASET = {
  namespace: Type.String(),
  name: Type.String(),
  facets: Type.Optional(
    facets({
      documentation: Documentation,
      ownership: facet({
        owners: Type.Array(Type.Object({ name: Type.String(), type: Type.Optional(Type.String()) })),
      }),
    }),
  ),
};

const OutputFacets = facets({
  outputStatistics: facet({ rowCount: Type.Optional(Type.Integer()), size: Type.Optional(Type.Integer()) }),
});

const RunEvent = Type.Object({
  eventType: Type.Union(["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"].map((word) => Type.Literal(word))),
  eventTime: Time,
  producer: Uri,
  schemaURL: Uri,
  run: Type.Object({ runId: Uuid, facets: Type.Optional(RunFacets) }),
  job: Type.Object({ ...Job.properties, facets: Type.Optional(JobFacets) }),
  inputs: Type.Optional(Type.Array(Type.Object({ ...DATASET, inputFacets: Type.Optional(facets({})) }))),
  outputs: Type.Optional(Type.Array(Type.Object({ ...DATASET, outputFacets: Type.Optional(OutputFacets) }))),
});

const compiled = Compile(RunEvent);

/** What of a document the standard does not take. */
export const lineageProblems = (document: unknown): readonly string[] =>
  compiled.Errors(document).map(({ instancePath, message }) => `${instancePath} ${message}`);
