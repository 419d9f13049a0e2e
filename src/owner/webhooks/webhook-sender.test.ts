import { expect, test } from "vitest";
import { HttpReceiver, text } from "../../../test/support/http-receiver.ts";
import { SIGNATURES } from "../../server/auth/webhook-signature.ts";
import { SecretSource } from "../secrets/secret-source.ts";
import { readWebhook } from "./given-webhook.ts";
import { WebhookSender } from "./webhook-sender.ts";

const KEY = "whsec_aSBhbSBhIHNlY3JldA==";
const secrets = SecretSource.of(
  { connections: {}, secrets: [] },
  { store: null as never, ring: () => null },
  { TUTTI_SECRET_HOOK: KEY },
);
const message = { id: "m1", type: "run.failed", timestamp: "2026-01-31T00:00:00Z", data: { workflow: "sales" } };
const sending = (url: string, innerHosts: readonly string[] = ["127.0.0.1"], secret = "hook") =>
  new WebhookSender({ secrets, innerHosts }).send({ url, secret }, message);
const codeOf = (sent: Promise<unknown>): Promise<string> =>
  sent.then(
    () => "sent",
    (error: { code?: string }) => error.code ?? "none",
  );

test("a message is signed so that whoever knows the secret can tell who sent it", async () => {
  const receiver = await HttpReceiver.start(text(204));
  expect(await sending(receiver.url("/in?key=1"))).toBe(204);
  const [{ method, path, headers, body }] = receiver.received as [(typeof receiver.received)[0]];
  expect([method, path, JSON.parse(body)]).toEqual([
    "POST",
    "/in?key=1",
    { type: "run.failed", timestamp: "2026-01-31T00:00:00Z", data: { workflow: "sales" } },
  ]);
  const seen = { header: (name: string) => headers[name] as string | undefined, body, now: Date.now() / 1000 };
  expect(SIGNATURES.standard(seen, KEY)).toEqual({ right: true, id: "m1" });
  expect(SIGNATURES.standard({ ...seen, body: `${body} ` }, KEY)).toMatchObject({ right: false });
});

test("nobody is led into this machine's own network: by address, by name, or by an answer that leads on", async () => {
  const receiver = await HttpReceiver.start(text(302, "", { location: "http://127.0.0.1:1/" }));
  expect(await codeOf(sending(receiver.url(), []))).toBe("WEBHOOK_REFUSED");
  expect(await codeOf(sending(`http://localhost:${receiver.port}/`, []))).toBe("WEBHOOK_REFUSED");
  expect(await codeOf(sending("https://[::1]:1/", []))).toBe("WEBHOOK_REFUSED");
  // In decimal; a URL knows it as the address that it is.
  expect(await codeOf(sending("https://2130706433/", []))).toBe("WEBHOOK_REFUSED");
  expect(receiver.received).toEqual([]);
  expect(await codeOf(sending(receiver.url()))).toBe("WEBHOOK_FAILED");
  expect(receiver.received).toHaveLength(1);
});

test("what can't be sent says why: no secret, nobody there, an answer that is no success", async () => {
  const receiver = await HttpReceiver.start(text(500, "stack trace"));
  expect(await codeOf(sending(receiver.url(), ["127.0.0.1"], "other"))).toBe("SECRET_NOT_FOUND");
  await expect(sending(receiver.url())).rejects.toMatchObject({
    code: "WEBHOOK_FAILED",
    message: `"127.0.0.1:${receiver.port}" answered 500; it must be 200 to 299.`,
  });
  const url = receiver.url();
  await receiver.close();
  expect(await codeOf(sending(url))).toBe("WEBHOOK_FAILED");
});

test("what can be no webhook is refused", () => {
  const given = { url: "https://hooks.example.com/x", secret: "hook", events: ["run.failed"] };
  const read = (more: object, inner: readonly string[] = []): string => {
    try {
      return readWebhook({ ...given, ...more }, inner).url;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  expect(read({})).toBe("https://hooks.example.com/x");
  for (const url of [
    "",
    "hooks",
    "ftp://a.example",
    "https://me:pw@a.example",
    "http://a.example",
    `https://a/${"x".repeat(2_000)}`,
  ])
    expect(read({ url }), url).toBe("BAD_WEBHOOK");
  for (const url of ["https://10.0.0.1/", "https://169.254.169.254/latest", "https://[::ffff:10.0.0.1]/", "https://0/"])
    expect(read({ url }), url).toBe("WEBHOOK_REFUSED");
  expect(read({ url: "http://10.0.0.1/x" }, ["10.0.0.1"])).toBe("http://10.0.0.1/x");
  for (const more of [{ events: [] }, { events: ["run.began"] }, { workflows: [] }, { name: "a\nb" }])
    expect(read(more), JSON.stringify(more)).toBe("BAD_WEBHOOK");
  expect(read({ secret: "" })).toBe("BAD_NAME");
});
