import { Type } from "typebox";
import { contract } from "./contract.ts";
import { Count, Moment, orNull, PAGE, pageOf, record } from "./schema.ts";

const Holder = record({
  runId: Type.String(),
  taskRunId: Type.Integer(),
  workflow: Type.String(),
  task: Type.String(),
  mapIndex: orNull(Type.Integer()),
  slots: Count,
  since: Moment,
});

const Pool = record({
  name: Type.String(),
  slots: Count,
  used: Count,
  declared: orNull({ ...Count, description: "As the configuration says; null: it names it no more" }),
  changedAt: Moment,
  changedBy: orNull(Type.String({ description: "null: the configuration" })),
  holders: Type.Array(Holder, { description: "The one that has for longest first; at most twenty" }),
});

export const poolContracts = {
  list: contract({
    method: "get",
    path: "/api/pools",
    summary: "The pools, and who holds their slots",
    role: "viewer",
    query: record(PAGE),
    response: pageOf(Pool),
  }),
  resize: contract({
    method: "patch",
    path: "/api/pools/{pool}",
    summary: "Give a pool another size, while everything runs",
    role: "editor",
    body: record({ slots: Type.Integer({ minimum: 1, maximum: 1_000_000 }) }),
    response: Pool,
  }),
};
