import { expect, test } from "vitest";
import { statement } from "../sql/statement.ts";
import { bound } from "./bind.ts";
import { stagedText, stageField } from "./stage-file.ts";
import { writerFor } from "./write-value.ts";

const of = (strings: TemplateStringsArray, ...values: unknown[]) => bound(statement(strings, values));

test("a placeholder says what a value's text alone does not", () => {
  const at = new Date("2025-08-12T10:00:00Z");
  expect(
    of`select ${"x"}, ${7}, ${1.5}, ${2n ** 60n}, ${at}, ${new Uint8Array([0, 255])}, ${{ a: [1] }}, ${null}`,
  ).toEqual({
    text: "select ?, ?, cast(? as float), cast(? as number(38,0)), cast(? as timestamp_tz), to_binary(?, 'HEX'), parse_json(?), ?",
    binds: ["x", 7, "1.5", "1152921504606846976", "2025-08-12T10:00:00.000Z", "00ff", '{"a":[1]}', null],
  });
});

test.each([
  ["NUMBER(38,0)", 42, "42"],
  ["NUMBER(18,4)", 2698.927, "2698.927"],
  ["NUMBER(38,10)", 1e-7, "0.0000001"],
  ["FLOAT", Number.NEGATIVE_INFINITY, "-inf"],
  ["BOOLEAN", false, "false"],
  ["DATE", new Date("2025-08-12T10:00:00Z"), "2025-08-12"],
  ["TIMESTAMP_NTZ", new Date("2025-08-12T10:00:00.5Z"), "2025-08-12T10:00:00.500Z"],
  ["BINARY", new Uint8Array([1, 171]), "01ab"],
  ["VARIANT", { a: [1, null] }, '{"a":[1,null]}'],
  ["TEXT", "a\nb", "a\nb"],
])("a column of type %s takes %j as %j", (type, value, text) => {
  expect(writerFor(type).write(value)).toBe(text);
});

test("a bigint of any size is written in full", () => {
  expect(writerFor("NUMBER(38,0)").write(2n ** 90n)).toBe("1237940039285380274899124224");
});

test.each([
  ["NUMBER(38,0)", 1.5],
  ["NUMBER(18,4)", "12 EUR"],
  ["NUMBER(18,4)", Number.NaN],
  ["FLOAT", "x"],
  ["BOOLEAN", "true"],
  ["BINARY", "00ff"],
  ["TEXT", { a: 1 }],
  ["TEXT", "zero \0 byte"],
  ["DATE", new Date(Number.NaN)],
])("a column of type %s refuses %j", (type, value) => {
  expect(() => writerFor(type).write(value)).toThrow(/does not fit/);
});

test("in a stage file null, an empty text and a text that looks like null are three things", () => {
  expect([stageField(null), stageField(""), stageField("-"), stageField('say "x"')]).toEqual([
    '"-"',
    '"="',
    '"=-"',
    '"=say ""x"""',
  ]);
  expect(stagedText("c0")).toBe("substr(nullif(c0, '-'), 2)");
});
