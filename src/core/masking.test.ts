import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMasker, maskDeep, secretsOfUrl } from "./masking.ts";

describe("createMasker", () => {
  it("masks a secret in every form it may be written in", () => {
    const secret = `p@ss "wörd"/+\\1`;
    const mask = createMasker([secret]);
    const forms = [
      secret,
      encodeURIComponent(secret),
      new URLSearchParams({ a: secret }).toString().slice(2),
      JSON.stringify(secret).slice(1, -1),
      Buffer.from(secret).toString("base64"),
      Buffer.from(secret).toString("base64url"),
    ];
    for (const form of forms) expect(mask(`a ${form} b ${form}`)).toBe("a *** b ***");
  });

  it("masks it in base64 of something longer, too", () => {
    const mask = createMasker(["hunter2hunter2"]);
    for (const user of ["u", "us", "use", "user"]) {
      const header = Buffer.from(`${user}:hunter2hunter2:x`).toString("base64");
      expect(Buffer.from(mask(header).replaceAll("*", ""), "base64").toString()).not.toContain("hunter2h");
      expect(mask(header)).toContain("***");
    }
  });

  it("masks the longest first, and never leaves one whole", () => {
    expect(createMasker(["pass", "password"])("the password")).toBe("the ***");
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ minLength: 4 }).filter((text) => !text.includes("*")),
          { minLength: 1 },
        ),
        fc.string(),
        (secrets, around) => {
          const masked = createMasker(secrets)(around + secrets.join(around) + around);
          for (const secret of secrets) expect(masked.includes(secret)).toBe(false);
        },
      ),
    );
  });

  it("masks each line of a secret with several", () => {
    expect(createMasker(["-----BEGIN-----\nabcdefghij\n}"])("x abcdefghij }")).toBe("x *** }");
  });

  it("leaves short secrets and other text alone", () => {
    expect(createMasker(["abc", ""])("abc")).toBe("abc");
    expect(createMasker(["a.c("])("abc( a.c(")).toBe("abc( ***");
  });
});

describe("maskDeep", () => {
  const mask = createMasker(["hunter2"]);
  it("masks every text in plain data, also in keys and what refers to itself", () => {
    const date = new Date(0);
    const fields: Record<string, unknown> = {
      a: ["hunter2", 1, null, date],
      hunter2: new Map([["hunter2", new Set(["hunter2"])]]),
    };
    fields.self = fields;
    const masked = maskDeep(fields, mask);
    expect(masked).toMatchObject({ a: ["***", 1, null, date], "***": new Map([["***", new Set(["***"])]]) });
    expect(masked.self).toBe(masked);
    expect(fields.a).toEqual(["hunter2", 1, null, date]);
  });
  it("without secrets it is the same object", () => {
    const fields = { a: "hunter2" };
    expect(maskDeep(fields, createMasker([]))).toBe(fields);
  });
});

describe("secretsOfUrl", () => {
  it.each([
    ["postgres://user:p%40ss@host/db", ["p%40ss", "p@ss", "user:p%40ss", "user:p@ss"]],
    ["postgres://host/db?user=a&password=abcd", ["abcd"]],
    ["https://host/?access_token=abcd&page=2&api-key=efgh", ["abcd", "efgh"]],
    ["host=db password='a b' dbname=x", ["a b"]],
    ["postgres://u:a@b@host/db", ["a@b", "u:a@b"]],
    ["duckdb:./orders.db", []],
    ["postgres://user@host/db", []],
    ["https://:token@host/v1", ["token", ":token"]],
    ["https://sk_live_1@host/v1", ["sk_live_1"]],
    ["https://sk_live_1:@host/v1", ["sk_live_1"]],
    ["https://hooks.slack.com/services/T0001/B0002/aBcDeFgHiJkLmNoPqRsTuVwX", ["aBcDeFgHiJkLmNoPqRsTuVwX"]],
    ["https://host/a-long-name-of-words-without-secrets/v1?x=1", []],
  ])("%s", (url, secrets) => expect(secretsOfUrl(url)).toEqual(secrets));
});
