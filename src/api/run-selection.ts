import { Type } from "typebox";
import { RUN_STATES } from "../core/run-state.ts";
import { Moment, someOf, WorkflowName, Words } from "./schema.ts";

/** Which runs: the same words in the list, in acts on many, and on the command line. */
export const RUN_SELECTION = {
  workflow: Type.Optional(
    Type.Array(WorkflowName, { maxItems: 100, description: "Of these workflows; separated by commas" }),
  ),
  state: Type.Optional(someOf(RUN_STATES)),
  tag: Type.Optional({ ...Words, description: "Of workflows with one of these tags; separated by commas" }),
  partition: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 2000 }), {
      maxItems: 100,
      description: "That make one of these partitions; separated by commas: a key that has one goes into `select`",
    }),
  ),
  from: Type.Optional({ ...Moment, description: "Created at this moment or later" }),
  to: Type.Optional({ ...Moment, description: "Created before this moment" }),
  select: Type.Optional(
    Type.String({
      maxLength: 2000,
      description: "The same as text: `state:failed workflow:sales tag:finance since:2d`; instead of the others",
    }),
  ),
};
