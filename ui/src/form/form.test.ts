import { expect, test } from "vitest";
import { z } from "zod";
import { problemOf } from "./check-field.ts";
import { valueOf } from "./field-text.ts";
import { fieldsOf, type Schema } from "./schema.ts";

const schema = z.toJSONSchema(
  z.object({
    regions: z.array(z.enum(["Central", "East"])).default(["Central"]),
    minQuantity: z.number().int().min(1).default(1),
    currency: z.enum(["USD", "EUR"]).default("USD"),
    fullRefresh: z.boolean().default(false),
    note: z.string().max(5).optional(),
    shape: z.object({ a: z.number() }).optional(),
    since: z.string().nullable(),
  }),
  { io: "input" },
) as Schema;
const fields = fieldsOf(schema)!;
const field = (name: string) => fields.find((each) => each.name === name)!;

test("each param has the entry that its schema asks for", () => {
  expect(fields.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
    "regions choices",
    "minQuantity number",
    "currency choice",
    "fullRefresh flag",
    "note text",
    "shape json",
    "since text",
  ]);
  expect(field("minQuantity").rule).toBe("integer ≥ 1, optional");
  expect(fields.filter(({ required }) => required).map(({ name }) => name)).toEqual(["since"]);
});

test("what is wrong is told with the rule and the default", () => {
  expect(problemOf(field("minQuantity"), 0)).toBe("Must be 1 or more. The default is 1.");
  expect(problemOf(field("minQuantity"), 1.5)).toBe("Must be an integer. The default is 1.");
  expect(problemOf(field("minQuantity"), valueOf(field("minQuantity"), "many"))).toContain("Must be an integer");
  expect(problemOf(field("note"), "too long")).toBe("Must have 5 characters or fewer.");
  expect(problemOf(field("shape"), valueOf(field("shape"), "{"))).toContain("Must be an object");
  expect(problemOf(field("since"), undefined)).toBe("It is needed.");
  expect(problemOf(field("note"), undefined)).toBeNull();
});
