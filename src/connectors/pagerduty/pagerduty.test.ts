import { afterEach, beforeEach, expect, test } from "vitest";
import { HttpReceiver, json, text } from "../../../test/support/http-receiver.ts";
import { setConnectionResolver } from "../../authoring/connection.ts";
import { sampleAlert } from "../notify/alert-sample.test-data.ts";
import { pagerduty } from "./index.ts";

let url: unknown;
let before: ReturnType<typeof setConnectionResolver>;
beforeEach(() => {
  before = setConnectionResolver(() => url);
});
afterEach(() => void setConnectionResolver(before));

const oncall = pagerduty();
const accepted = json(202, { status: "success", message: "Event processed", dedup_key: "key-1" });

test("an incident is opened and ended by its key", async () => {
  const server = await HttpReceiver.start(accepted);
  url = server.url("/v2/enqueue", ":routing-key@");
  const incident = {
    summary: "s".repeat(2_000),
    source: "retail",
    severity: "critical",
    details: { rows: 0 },
    url: "https://x",
  } as const;
  expect(await oncall.trigger(incident)).toEqual({ key: "key-1" });
  await oncall.resolve("key-1");
  expect(server.received.map(({ body }) => JSON.parse(body) as object)).toEqual([
    {
      routing_key: "routing-key",
      event_action: "trigger",
      payload: {
        summary: `${"s".repeat(1_023)}…`,
        source: "retail",
        severity: "critical",
        custom_details: { rows: 0 },
      },
      links: [{ href: "https://x", text: "Open" }],
    },
    { routing_key: "routing-key", event_action: "resolve", dedup_key: "key-1" },
  ]);
  // The key is in the body, as PagerDuty wants it, and nowhere else.
  expect(server.received[0]?.headers).not.toHaveProperty("authorization");
});

test("an event with a key is sent again while PagerDuty fails; without one it would be two incidents", async () => {
  const incident = { summary: "s", source: "x", severity: "error" } as const;
  const failing = await HttpReceiver.start(text(500, "", { "retry-after": "0" }));
  url = failing.url("/v2/enqueue", ":routing-key@");
  await expect(oncall.trigger(incident)).rejects.toMatchObject({ status: 500 });
  expect(failing.received).toHaveLength(1);
  await expect(oncall.trigger({ ...incident, key: "k" })).rejects.toMatchObject({ status: 500 });
  expect(failing.received).toHaveLength(5);
});

test("as a notifier, a failure opens an incident and the success after it ends that one", async () => {
  const server = await HttpReceiver.start(accepted);
  url = server.url("/v2/enqueue", ":routing-key@");
  await oncall.notify(sampleAlert());
  await oncall.notify(sampleAlert({ event: "succeeded" }));
  const [failed, succeeded] = server.received.map(({ body }) => JSON.parse(body) as object);
  expect(failed).toMatchObject({
    event_action: "trigger",
    dedup_key: "retail/load/2025-08-12",
    payload: {
      summary: "retail / load failed",
      source: "retail",
      severity: "error",
      custom_details: { log: "loading\nit broke" },
    },
  });
  expect(succeeded).toMatchObject({ event_action: "resolve", dedup_key: "retail/load/2025-08-12" });
});

test("a connection without a key says how it is written", async () => {
  url = "https://events.pagerduty.com/v2/enqueue";
  await expect(oncall.resolve("k")).rejects.toMatchObject({ code: "CONNECTION_URL_REFUSED" });
});
