import { afterEach, beforeEach, expect, test } from "vitest";
import { HttpReceiver, json, text } from "../../../test/support/http-receiver.ts";
import { declaredConnections, setConnectionResolver, startDeclarations } from "../../authoring/connection.ts";
import { sampleAlert } from "../notify/alert-sample.test-data.ts";
import { slack, type SlackMessage } from "./index.ts";

let url: unknown;
let before: ReturnType<typeof setConnectionResolver>;
beforeEach(() => {
  before = setConnectionResolver(() => url);
});
afterEach(() => void setConnectionResolver(before));

const HOOK = "/services/T0001/B0002/aBcDeFgHiJkLmNoPqRsTuVwX";
const data = slack("#data");

interface Body {
  readonly channel: string;
  readonly text: string;
  readonly attachments: readonly { readonly color: string; readonly blocks: readonly Block[] }[];
}
interface Block {
  readonly type: string;
  readonly text?: { readonly type: string; readonly text: string };
  readonly fields?: readonly { readonly text: string }[];
}

async function sent(message: SlackMessage): Promise<Body> {
  const server = await HttpReceiver.start(text(200, "ok"));
  url = server.url(HOOK);
  expect(await data.send(message)).toEqual({ channel: null, ts: null });
  expect(server.received[0]).toMatchObject({
    method: "POST",
    path: HOOK,
    headers: { "content-type": "application/json" },
  });
  return JSON.parse(server.received[0]?.body ?? "") as Body;
}

test("declares its connection: slack, or the one that is named", () => {
  startDeclarations();
  slack("#data");
  slack("#other", { connection: "slack_eu" });
  expect(declaredConnections()).toEqual(["slack", "slack_eu"]);
});

test("a text goes to the webhook as it is, and calls nobody", async () => {
  expect(await sent("Loaded *3* rows of <!channel> & co")).toEqual({
    channel: "#data",
    text: "Loaded *3* rows of &lt;!channel&gt; &amp; co",
  });
});

test("markup and blocks are for those who ask for them", async () => {
  expect(await sent({ mrkdwn: `<@U1> ${slack.escape("<b>")}` })).toMatchObject({ text: "<@U1> &lt;b&gt;" });
  expect(await sent({ text: "t", blocks: [{ type: "divider" }] })).toMatchObject({
    text: "t",
    blocks: [{ type: "divider" }],
  });
});

test("a message has a headline, facts, lines and a link, all of it text", async () => {
  const { text: shown, attachments } = await sent({
    title: "a & <b>",
    text: "why <!here>",
    level: "success",
    fields: { rows: 3, "<x>": "y" },
    lines: ["```", "last"],
    url: "https://tutti.example.com/a|b",
  });
  expect(shown).toBe("a &amp; &lt;b&gt;");
  expect(attachments[0]?.color).toBe("#2eb67d");
  expect(
    attachments[0]?.blocks.map(({ text: block, fields }) => block?.text ?? fields?.map((field) => field.text)),
  ).toEqual([
    "a & <b>",
    "why &lt;!here&gt;",
    ["*rows*\n3", "*&lt;x&gt;*\ny"],
    "```'''\nlast```",
    "<https://tutti.example.com/a%7Cb|Open>",
  ]);
});

test("what is longer than Slack takes is cut, not refused", async () => {
  const { attachments } = await sent({
    title: "t".repeat(500),
    text: "&".repeat(5_000),
    fields: Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`f${n}`, "v".repeat(5_000)])),
    lines: Array.from({ length: 500 }, () => "<".repeat(100)),
  });
  const blocks = attachments[0]?.blocks ?? [];
  expect(blocks[0]?.text?.text.length).toBe(150);
  for (const block of blocks.slice(1)) expect(block.text?.text.length ?? 0).toBeLessThanOrEqual(3_000);
  expect(blocks[1]?.text?.text).toMatch(/^(&amp;)+…$/);
  expect(blocks[2]?.fields?.length).toBe(10);
  for (const field of blocks[2]?.fields ?? []) expect(field.text.length).toBeLessThanOrEqual(2_000);
});

test("with a bot's token it posts to the channel, and says where the message is", async () => {
  const server = await HttpReceiver.start(json(200, { ok: true, channel: "C1", ts: "1.2" }));
  url = server.url("/api", ":xoxb-secret@");
  expect(await data.send("first")).toEqual({ channel: "C1", ts: "1.2" });
  await data.send("second", { threadOf: "1.2" });
  expect(server.received.map(({ path, headers }) => [path, headers.authorization])).toEqual([
    ["/api/chat.postMessage", "Bearer xoxb-secret"],
    ["/api/chat.postMessage", "Bearer xoxb-secret"],
  ]);
  expect(JSON.parse(server.received[1]?.body ?? "")).toEqual({ channel: "#data", text: "second", thread_ts: "1.2" });
});

test("what Slack refuses is an error with its reason", async () => {
  url = (await HttpReceiver.start(json(200, { ok: false, error: "channel_not_found" }))).url("/api", ":xoxb@");
  await expect(data.send("x")).rejects.toMatchObject({
    code: "SLACK_REFUSED",
    message: 'Slack refused the message for "#data": channel_not_found.',
  });
  url = (await HttpReceiver.start(text(200, "<html>"))).url("/api", ":xoxb@");
  await expect(data.send("x")).rejects.toMatchObject({
    code: "SLACK_REFUSED",
    message: expect.stringContaining("no JSON"),
  });
});

test("a webhook that fails is an error that does not show the webhook", async () => {
  const server = await HttpReceiver.start(text(404, "no_service"));
  url = server.url(HOOK);
  const error = await data.send("x").catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "HTTP_FAILED", status: 404, message: expect.stringContaining("no_service") });
  await server.close();
  const gone = await data.send("x", { signal: AbortSignal.timeout(300) }).catch((reason: unknown) => reason);
  for (const thrown of [error, gone])
    expect(JSON.stringify(thrown) + String((thrown as Error).stack)).not.toContain("aBcDeFg");
});

test("a message is sent once while Slack fails, and again when it was busy", async () => {
  const failing = await HttpReceiver.start(text(500, "", { "retry-after": "0" }));
  url = failing.url(HOOK);
  await expect(data.send("x")).rejects.toMatchObject({ status: 500 });
  expect(failing.received).toHaveLength(1);
  const busy = await HttpReceiver.start(text(429, "", { "retry-after": "0" }), text(200, "ok"));
  url = busy.url(HOOK);
  await data.send("x");
  expect(busy.received).toHaveLength(2);
});

test("as a notifier it tells an alert, in its own words or a template's", async () => {
  const server = await HttpReceiver.start(text(200, "ok"));
  url = server.url(HOOK);
  await data.notify(sampleAlert());
  await slack("#data", { template: ({ workflow }) => `${workflow} needs you` }).notify(sampleAlert());
  const bodies = server.received.map(({ body }) => JSON.parse(body) as Body);
  expect(bodies.map(({ text: shown }) => shown)).toEqual(["retail / load failed", "retail needs you"]);
  expect(bodies[0]?.attachments[0]?.color).toBe("#e01e5a");
  expect(data.name).toBe("slack #data");
});

test("a test's fake gets the message and the channel", async () => {
  const calls: unknown[] = [];
  url = { send: async (...args: unknown[]) => (calls.push(args), { channel: "C", ts: "1" }) };
  expect(await data.send("x")).toEqual({ channel: "C", ts: "1" });
  expect(calls).toEqual([["x", { channel: "#data" }]]);
});

test.each(["", "two words"])("a channel named %j is refused", (channel) => {
  expect(() => slack(channel)).toThrow(/names no channel/);
});
