import { expect, test } from "vitest";
import { queryTag } from "./query.ts";

const sql = queryTag((index) => `$${index}`);
const find = (p: { name: string; limit: number }) =>
  sql("find")`select * from t where name = ${p.name} limit ${p.limit}`;

test("every value is bound, never written into the text", () => {
  expect(find({ name: "'; drop table t", limit: 3 })).toEqual({
    statement: { name: "find", text: "select * from t where name = $1 limit $2" },
    values: ["'; drop table t", 3],
  });
});

test("a statement is one object however often it is asked for", () => {
  expect(find({ name: "a", limit: 1 }).statement).toBe(find({ name: "b", limit: 2 }).statement);
});
