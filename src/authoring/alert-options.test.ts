import { describe, expect, test } from "vitest";
import { build } from "./build.ts";
import { dag } from "./dag.ts";
import { deadline } from "./alert-deadline.ts";
import { task } from "./task.ts";

const load = task("load", () => 1);
const notifier = { name: "slack #data", notify: async () => {} };
const page = () => {};
const refused = (make: () => unknown) => {
  try {
    make();
  } catch (error) {
    return (error as { code: string; message: string }).code;
  }
  return null;
};

describe("who is told", () => {
  test("stands in the manifest by name, and in the code by place", () => {
    const loud = load.with({ onFailure: [notifier, page], onRetry: () => {} });
    const built = build(
      dag(
        "w",
        { onFailure: notifier, onLate: page, deadline: deadline("08:00", { timezone: "Europe/London" }) },
        () => {
          loud();
        },
      ),
    );
    expect(built.manifest.alerts).toEqual({ failed: ["slack #data"], late: ["function page"] });
    expect(built.manifest.deadline).toEqual({ kind: "at", at: "08:00", timezone: "Europe/London" });
    expect(built.manifest.tasks[0]?.alerts).toEqual({
      failed: ["slack #data", "function page"],
      retry: ["function onRetry"],
    });
    expect(built.bodies[0]?.receivers?.failed).toEqual([notifier, page]);
    expect(built.receivers?.late).toEqual([page]);
  });

  test("where nobody is told, the manifest is what it was before there were alerts", () => {
    const { manifest, receivers } = build(dag("w", {}, () => void load()));
    expect([Object.keys(manifest), Object.keys(manifest.tasks[0]!)].flat()).not.toContain("alerts");
    expect(receivers).toBe(null);
  });

  test.each([
    ["a text", () => load.with({ onFailure: "slack" as never })],
    ["a list with something else in it", () => load.with({ onFailure: [notifier, 3] as never })],
    ["onLate of a task without a deadline", () => load.with({ onLate: page })],
    ["a deadline that nobody is told of", () => load.with({ deadline: deadline("08:00") })],
    ["a deadline that is a text", () => load.with({ onLate: page, deadline: "08:00" as never })],
  ])("%s is refused", (_, make) => {
    expect(refused(() => build(dag("w", {}, () => void make()())))).toBe("BAD_OPTION");
  });
});

test.each([
  ["25:00", {}, "BAD_OPTION"],
  ["8:00", {}, "BAD_OPTION"],
  ["soon", {}, "BAD_DURATION"],
  ["0s", {}, "BAD_OPTION"],
  ["08:00", { timezone: "Mars" }, "BAD_TIMEZONE"],
  ["2h", { timezone: "UTC" }, "BAD_OPTION"],
  ["08:00", { zone: "UTC" }, "UNKNOWN_OPTION"],
] as const)("deadline(%j, %j) is refused with %s", (at, options, code) => {
  expect(refused(() => deadline(at, options as never))).toBe(code);
});
