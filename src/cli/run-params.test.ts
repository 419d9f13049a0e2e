import { expect, test } from "vitest";
import type { JsonSchema, WorkflowManifest } from "../core/manifest.ts";
import { paramsFrom } from "./run-params.ts";

const given = (properties: Record<string, JsonSchema> | null, pairs: readonly string[], json?: string): unknown =>
  paramsFrom(
    {
      name: "w",
      params: { schema: properties === null ? null : { type: "object", properties, additionalProperties: false } },
    } as unknown as WorkflowManifest,
    json,
    pairs,
  );

test("a text field takes its text as it is, any other field JSON", () => {
  const fields = {
    text: { type: "string" },
    size: { type: "integer" },
    word: { enum: ["a", "b"] },
    either: { anyOf: [{ type: "string" }, { type: "number" }] },
  };
  expect(given(fields, ["text=12", "size=12", "word=a", "either=1", "text=a=b"])).toEqual({
    text: "a=b",
    size: 12,
    word: "a",
    either: 1,
  });
  expect(given(fields, ["either=one"])).toEqual({ either: "one" });
  expect(() => given(fields, ["size=twelve"])).toThrow(/"size" of workflow "w" must be of type "integer"/);
  expect(() => given(fields, ["txt=1"])).toThrow(/no param "txt". Did you mean "text"\?/);
});

test("without a schema it is JSON where that parses, else text", () => {
  expect(given(null, ["a=1", "b=[true]", "c=plain", "d="])).toEqual({ a: 1, b: [true], c: "plain", d: "" });
});

test("--param goes over --params; neither is nothing", () => {
  expect(given(null, ["a=2"], `{"a": 1, "b": 3}`)).toEqual({ a: 2, b: 3 });
  expect(given(null, [])).toBeUndefined();
  expect(() => given(null, [], "{")).toThrow(/--params is not JSON/);
  expect(() => given(null, ["a=1"], "[]")).toThrow(/no object/);
  expect(() => given(null, ["a"])).toThrow(/"a" is no param/);
});
