import { afterEach, beforeEach, expect, test } from "vitest";
import { setConnectionResolver } from "../authoring/connection.ts";
import { slack } from "../connectors/slack/index.ts";
import { sampleAlert } from "../connectors/notify/alert-sample.test-data.ts";
import { instantFromDate } from "../core/clock.ts";
import { tellReceiver } from "./alert-call.ts";
import type { LoadedVersion } from "./code.ts";
import { grantConnections } from "./connections.ts";

let before: ReturnType<typeof setConnectionResolver>;
beforeEach(() => {
  before = setConnectionResolver(() => undefined);
  grantConnections();
});
afterEach(() => void setConnectionResolver(before));

const told = (declared: readonly string[]) => {
  const receivers = { failed: [slack("#data")] };
  const built = { manifest: { tasks: [], connections: declared }, bodies: [], receivers };
  const { at, ...alert } = sampleAlert();
  return tellReceiver(
    {
      code: { hash: "v", file: "", workflow: "retail", manifestHash: "" },
      handler: { of: "version", task: null, kind: "failed", place: 0 },
      alert: { ...alert, at: instantFromDate(at) },
      attempt: 1,
      limitMs: 30_000,
    },
    { version: async () => ({ built, connections: {} }) as unknown as LoadedVersion, connections: async () => ({}) },
  );
};

test("a notifier whose connection nobody has configured is told how to", async () => {
  expect(await told(["slack"])).toMatchObject({
    code: "CONNECTION_NOT_CONFIGURED",
    message: expect.stringMatching(/"slack" is not configured.*TUTTI_CONNECTION_SLACK/) as string,
  });
});

test("a notifier that its file did not declare at the module level is told where it belongs", async () => {
  expect(await told([])).toMatchObject({ code: "CONNECTION_NOT_DECLARED" });
});
