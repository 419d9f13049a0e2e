import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorClasses, toErrorData } from "./error-data.ts";

class HttpError extends Error {
  readonly code = "HTTP_404";
}
class NotFound extends HttpError {}

describe("toErrorData", () => {
  it("has name, message, code, stack and causes", () => {
    const data = toErrorData(new NotFound("no such order", { cause: new TypeError("inner") }));
    expect(data).toMatchObject({
      name: "NotFound",
      message: "no such order",
      code: "HTTP_404",
      stack: expect.stringContaining("error-data.test"),
      cause: { name: "TypeError", message: "inner" },
    });
  });

  it("takes whatever was thrown", () => {
    expect(toErrorData("boom")).toEqual({ name: "NonError", message: '"boom" was thrown' });
    expect(toErrorData(undefined)).toEqual({ name: "NonError", message: "undefined was thrown" });
    expect(toErrorData({ status: 500 })).toEqual({ name: "NonError", message: '{"status":500} was thrown' });
    expect(toErrorData({ name: "DriverError", message: "gone", code: 42 })).toEqual({
      name: "DriverError",
      message: "gone",
      code: "42",
    });
    fc.assert(
      fc.property(
        fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true }),
        (thrown) => void expect(typeof toErrorData(thrown).message).toBe("string"),
      ),
    );
  });

  it("never throws, not even for what throws when looked at", () => {
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error("no");
        },
        getPrototypeOf: () => {
          throw new Error("no");
        },
      },
    );
    for (const thrown of [
      hostile,
      Object.create(null),
      {
        message: "x",
        get stack() {
          throw new Error("no");
        },
      },
    ])
      expect(toErrorData(thrown).message).toEqual(expect.any(String));
  });

  it("follows five causes, also of an error that caused itself", () => {
    const loop = new Error("loop");
    loop.cause = loop;
    let depth = 0;
    for (let data = toErrorData(loop).cause; data !== undefined; data = data.cause) depth++;
    expect(depth).toBe(5);
  });

  it("lists the errors of an AggregateError", () => {
    const many = Array.from({ length: 12 }, (_, place) => new RangeError(`no. ${place}`));
    const { message } = toErrorData(new AggregateError(many, "All failed"));
    expect(message.split("\n")).toHaveLength(12);
    expect(message).toMatch(/^All failed\n {2}1\. RangeError: no\. 0\n[^]*… and 2 more$/);
  });

  it("cuts what is too long, and says so", () => {
    const error = new Error("m".repeat(20_000));
    error.stack = "s".repeat(40_000);
    const data = toErrorData(error);
    expect(data.message).toMatch(/^m{16384}\n… 3616 more characters were cut off$/);
    expect(data.stack).toMatch(/^s{32768}\n… 7232 more/);
  });
});

it("errorClasses names the class and those it extends", () => {
  expect(errorClasses(new NotFound(""))).toEqual(["NotFound", "HttpError", "Error"]);
  for (const thrown of ["text", null, {}]) expect(errorClasses(thrown)).toEqual([]);
});
