import { expect, test } from "vitest";
import { readWebhooks } from "./config-webhooks.ts";

test("each event has the name of its secret, and a kind of signature", () => {
  expect(readWebhooks(undefined)).toEqual({});
  expect(readWebhooks({ "orders.in": { secret: "orders-hook" }, pushed: { secret: "gh", scheme: "github" } })).toEqual({
    "orders.in": { secret: "orders-hook", scheme: "standard" },
    pushed: { secret: "gh", scheme: "github" },
  });
});

test.each([
  ["orders.in", "an object of events"],
  [["a"], "an object of events"],
  [{ a: {} }, 'give "a" the name of a secret'],
  [{ a: null }, 'give "a" the name of a secret'],
  [{ a: { secret: "with space" } }, 'give "a" the name of a secret'],
  [{ a: { secret: "x", scheme: "md5" } }, 'sign "a" by one of standard, github, stripe'],
  [{ a: { secret: "x", url: "y" } }, 'has no field "url" for "a"'],
])("%j is refused", (given, why) => {
  expect(() => readWebhooks(given)).toThrow(why);
});
