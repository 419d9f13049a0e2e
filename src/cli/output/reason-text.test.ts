import { expect, test } from "vitest";
import { reasonText } from "./reason-text.ts";

test("a success with a value that another run had made says whose it is, and how to run it all the same", () => {
  const cached = { runId: "01kb3", madeAt: 1_754_956_800_000_000 };
  expect(reasonText({ kind: "succeeded", endedAt: 1_754_956_900_000_000, cached }, "01kb4")).toMatch(
    /^It succeeded at .+, without running: it took the value that run 01kb3 made at .+, as its input and its code are the same\. To run all of it: tutti retry 01kb4 --fresh$/,
  );
  expect(reasonText({ kind: "succeeded", endedAt: null }, "01kb4")).toBe("It succeeded.");
});
