import { type TSchema, Type } from "typebox";
import { AccountName, WorkflowName } from "./schema.ts";

const Digits = Type.String({ pattern: "^[0-9]{1,15}$" });

/** What may stand for a `{name}` in a path: as text, before any look at the store. */
export const PATH_PARAMS: Readonly<Record<string, TSchema>> = {
  workflow: WorkflowName,
  run: Type.String({ pattern: "^[0-9a-zA-Z]{1,26}$", description: "A run's id, or any unique beginning of it" }),
  taskRun: Digits,
  claim: Digits,
  artifact: Type.String({ minLength: 1, maxLength: 200 }),
  version: Type.String({
    minLength: 1,
    maxLength: 200,
    description: "A version's hash, or any unique beginning of it",
  }),
  backfill: Type.String({
    pattern: "^[0-9a-zA-Z]{1,26}$",
    description: "A backfill's id, or any unique beginning of it",
  }),
  event: Type.String({ minLength: 1, maxLength: 500 }),
  pool: Type.String({ minLength: 1, maxLength: 200 }),
  approval: Type.String({ minLength: 1, maxLength: 40, pattern: "^[0-9a-z-]+$" }),
  alert: Digits,
  webhook: Digits,
  asset: Type.String({ minLength: 1, maxLength: 500, description: "Its name, with what an URL cannot hold escaped" }),
  secret: Type.String({ minLength: 1, maxLength: 200 }),
  connection: Type.String({ minLength: 1, maxLength: 200 }),
  user: AccountName,
  token: Digits,
};
