import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Identifier, tableIdentifier } from "./identifier.ts";
import { sql } from "./sql.ts";
import { statement } from "./statement.ts";

const of = (strings: TemplateStringsArray, ...values: unknown[]) => statement(strings, values);

describe("a statement", () => {
  it("binds every value and never writes one into the text", () => {
    expect(of`select * from sales where region = ${"emea"} and id = ${7}`).toEqual({
      text: "select * from sales where region = $1 and id = $2",
      values: ["emea", 7],
      parts: ["select * from sales where region = ", " and id = ", ""],
    });
  });

  it("comes in parts for databases whose placeholders are others", () => {
    const { parts } = of`  select ${1} from ${sql.identifier("t")} where ${"a"} = b  `;
    expect(parts.join("?")).toBe('select ? from "t" where ? = b');
  });

  it("holds none of a value's text, whatever the value is", () => {
    fc.assert(
      fc.property(
        fc.string(),
        (value) => void expect(of`select ${value} as v`).toMatchObject({ text: "select $1 as v", values: [value] }),
      ),
    );
  });

  it("writes an identifier quoted, and counts only the values", () => {
    expect(of`select ${1} from ${sql.identifier("a b", 'c"d')} where x = ${2}`).toMatchObject({
      text: 'select $1 from "a b"."c""d" where x = $2',
      values: [1, 2],
    });
  });

  it("binds a list as one value", () => {
    expect(of`where id = any(${[1, 2]})`).toMatchObject({ text: "where id = any($1)", values: [[1, 2]] });
  });

  it("refuses a plain string, undefined, an invalid date and a function", () => {
    expect(() => statement("select 1" as never, [])).toThrow(expect.objectContaining({ code: "NOT_A_TEMPLATE" }));
    for (const value of [undefined, new Date(Number.NaN), () => 1])
      expect(() => of`select ${value}`).toThrow(expect.objectContaining({ code: "SQL_VALUE_REFUSED" }));
    expect(() => of` `).toThrow(expect.objectContaining({ code: "SQL_EMPTY" }));
  });
});

describe("an identifier", () => {
  it("can't be broken out of", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 50 }).filter((name) => !name.includes("\0")),
        (name) => {
          const { quoted } = new Identifier([name]);
          expect(quoted.slice(1, -1).replaceAll('""', "")).not.toContain('"');
          expect(quoted.slice(1, -1).replaceAll('""', '"')).toBe(name);
        },
      ),
    );
  });

  it("splits a table's name at its dots, and an identifier's not", () => {
    expect(tableIdentifier("analytics.daily").quoted).toBe('"analytics"."daily"');
    expect(tableIdentifier(sql.identifier("analytics.daily")).quoted).toBe('"analytics.daily"');
  });

  it.each(["", "a..b", "a\0b", "x".repeat(256)])("refuses %j", (name) => {
    expect(() => tableIdentifier(name)).toThrow(expect.objectContaining({ code: "BAD_IDENTIFIER" }));
  });
});
