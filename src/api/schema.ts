import { type TSchema, Type } from "typebox";
import { ROLES } from "../core/role.ts";

/** The parts that every document of the API is made of. */

export const Text = (maxLength = 10_000) => Type.String({ maxLength });
export const Moment = Type.String({ format: "date-time", description: "An instant in UTC, ISO 8601" });
export const Count = Type.Integer({ minimum: 0 });
export const Flag = Type.Boolean();

export const orNull = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** One of some words. */
export const oneOf = <const Words extends readonly string[]>(words: Words, description?: string) =>
  Type.Unsafe<Words[number]>({
    type: "string",
    enum: [...words],
    ...(description === undefined ? {} : { description }),
  });

/** Separated by commas, or given several times. */
export const someOf = <const Words extends readonly string[]>(words: Words) =>
  Type.Array(oneOf(words), { maxItems: words.length, description: "Separated by commas" });

/** An object of exactly these fields: others are refused, in what comes in. */
export const record = <const Fields extends Readonly<Record<string, TSchema>>>(fields: Fields, description?: string) =>
  Type.Object(fields, { additionalProperties: false, ...(description === undefined ? {} : { description }) });

/** Whatever JSON can say. */
export const Json = Type.Unknown();

export const Words = Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 100 });
export const RoleName = oneOf(ROLES);
export const Tags = orNull(Words);

/** Names that people are given here. */
export const AccountName = Type.String({ minLength: 1, maxLength: 100, pattern: "^[a-z0-9][a-z0-9._@+-]*$" });
export const RunId = Type.String({ pattern: "^[0-9a-z]{26}$", description: "26 lower-case characters" });
export const WorkflowName = Type.String({ minLength: 1, maxLength: 300 });
export const CalendarDate = Type.String({ minLength: 4, maxLength: 40, description: "YYYY-MM-DD" });

/** How a list is read page by page. */
export const PAGE = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: "At most so many. Default: 100" })),
  cursor: Type.Optional(
    Type.String({ maxLength: 2000, description: "`next` of the page before; of the same list with the same filters" }),
  ),
};

/** A page of a list. */
export const pageOf = <S extends TSchema>(item: S) =>
  record({ items: Type.Array(item), next: orNull(Type.String({ description: "The cursor of the next page" })) });

export const listOf = <S extends TSchema>(item: S) => record({ items: Type.Array(item) });

/** What an act on many things came to, for each of them by its name. */
export const doneWith = <S extends TSchema>(id: S) =>
  record({
    items: Type.Array(record({ id, ok: Flag, error: orNull(record({ code: Type.String(), message: Type.String() })) })),
    more: { ...Flag, description: "The selection stands for more than 1,000: ask again" },
  });

/** Of an act on many things. */
export const DRY_RUN = Type.Optional({ ...Flag, description: "Only says which they are" });

/** What a task, a file or the server says is wrong. */
export const ErrorDocument = record({
  name: Type.String(),
  message: Type.String(),
  code: Type.Optional(Type.String()),
  stack: Type.Optional(Type.String()),
  cause: Type.Optional(Json),
});

/** What every answer that is no success holds. */
export const Failure = record({ error: record({ code: Type.String(), message: Type.String() }) });
