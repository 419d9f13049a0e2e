import { Type } from "typebox";
import { contract } from "./contract.ts";
import { Count, Flag, Json, Moment, oneOf, orNull, PAGE, pageOf, record, Text } from "./schema.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

export const LogLine = record({
  at: Moment,
  task: orNull(Type.String()),
  mapIndex: orNull(Type.Integer()),
  taskRunId: Type.Integer(),
  attempt: orNull(Type.Integer()),
  claim: Type.Integer(),
  level: oneOf(LOG_LEVELS),
  source: Type.String(),
  message: Type.String(),
  fields: Json,
});

/** Which lines of a run. */
const LINES = {
  task: Type.Optional(Text(200)),
  mapIndex: Type.Optional(Count),
  taskRun: Type.Optional(Count),
  attempt: Type.Optional(Type.Integer({ minimum: 1 })),
  level: Type.Optional(oneOf(LOG_LEVELS, "This level and above")),
  q: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: "Lines that hold this text, whatever its case" }),
  ),
};

const Artifact = record({
  taskRunId: Type.Integer(),
  task: Type.String(),
  mapIndex: orNull(Type.Integer()),
  claim: Type.Integer(),
  name: Type.String(),
  size: Count,
  uri: Type.String(),
});

export const logContracts = {
  lines: contract({
    method: "get",
    path: "/api/runs/{run}/logs",
    summary: "What the tasks of a run wrote, in the order of time, over all attempts",
    role: "viewer",
    query: record({
      ...LINES,
      ...PAGE,
      cursor: Type.Optional(
        Type.String({
          maxLength: 8000,
          description: "`next` of the page before; of the same run with the same filters",
        }),
      ),
      from: Type.Optional({
        ...Count,
        description: "The place of the first of them, from 0, where the lines before are not wanted; without a cursor",
      }),
      tail: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 1000, description: "Only the last lines; without a cursor" }),
      ),
    }),
    response: record({
      items: Type.Array(LogLine),
      next: orNull(Type.String({ description: "The cursor of the next page, also of what is written later" })),
      more: {
        ...Flag,
        description:
          "Not all that is there has been looked at: a page reads 32 MiB of a log at most, and may be short or empty",
      },
    }),
  }),
  download: contract({
    method: "get",
    path: "/api/runs/{run}/logs/download",
    summary: "All of it as a file, a line of JSON each",
    role: "viewer",
    query: record(LINES),
    response: Type.String(),
    media: "application/x-ndjson",
  }),
  artifacts: contract({
    method: "get",
    path: "/api/runs/{run}/artifacts",
    summary: "The artifacts of a run whose results were recorded",
    role: "viewer",
    query: record(PAGE),
    response: pageOf(Artifact),
  }),
  artifact: contract({
    method: "get",
    path: "/api/runs/{run}/artifacts/{taskRun}/{claim}/{artifact}",
    summary: "The bytes of an artifact",
    role: "viewer",
    response: Type.String(),
    media: "application/octet-stream",
  }),
};
