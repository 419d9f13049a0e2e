import { afterEach, beforeEach, expect, test } from "vitest";
import { setConnectionResolver } from "../../authoring/connection.ts";
import { task } from "../../index.ts";
import { runTask } from "../../testing/index.ts";
import { sampleAlert } from "../notify/alert-sample.test-data.ts";
import { email, type EmailMessage } from "./index.ts";
import { SmtpStub } from "./smtp-stub.test-data.ts";

let url: unknown;
let before: ReturnType<typeof setConnectionResolver>;
beforeEach(() => {
  before = setConnectionResolver(() => url);
});
afterEach(() => void setConnectionResolver(before));

const bi = email(["BI <bi@example.com>", "ops@example.com"]);

async function serving(
  answers?: Record<string, string>,
  credentials = "",
  query = "from=Tutti <tutti@example.com>",
): Promise<SmtpStub> {
  const stub = await SmtpStub.start(answers);
  url = `smtp://${credentials}127.0.0.1:${stub.port}?${query}`;
  return stub;
}

const decoded = (message: string): string =>
  message
    .replaceAll(/=\n/g, "")
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

test("a mail is its sender, its recipients, its subject, its text", async () => {
  const stub = await serving();
  const sent = await bi.send({
    subject: "Sales of 2025-08-12 – in",
    text: "3 rows",
    cc: "boss@example.com",
    bcc: ["log@example.com"],
    replyTo: "me@example.com",
  });
  expect(sent).toEqual({
    messageId: expect.stringMatching(/^<.+@.+>$/),
    accepted: ["bi@example.com", "ops@example.com", "boss@example.com", "log@example.com"],
    rejected: [],
  });
  const [message = ""] = stub.messages;
  expect(message).toMatch(/^From: Tutti <tutti@example\.com>$/m);
  expect(message).toMatch(/^To: BI <bi@example\.com>, ops@example\.com$/m);
  expect(message).toMatch(/^Cc: boss@example\.com$/m);
  expect(message).toMatch(/^Reply-To: me@example\.com$/m);
  expect(message).toMatch(/^Auto-Submitted: auto-generated$/im);
  expect(message).toMatch(/^Subject: =\?UTF-8\?/m);
  expect(message).toContain("3 rows");
  expect(message).not.toContain("log@example.com");
});

test("a message for any channel is text and HTML, with nothing in it that means something", async () => {
  const stub = await serving();
  await bi.send({
    title: "T",
    text: "<script>x</script>",
    level: "error",
    fields: { rows: 3 },
    lines: ["a & b"],
    url: "https://tutti.example.com/r",
  });
  const message = decoded(stub.messages[0] ?? "");
  expect(message).toContain("multipart/alternative");
  expect(message).toContain("&lt;script&gt;x&lt;/script&gt;");
  expect(message).toContain("a &amp; b");
  expect(message).toContain('<a href="https://tutti.example.com/r">Open</a>');
  await bi.send({ title: "T", url: "javascript:alert(1)" });
  expect(decoded(stub.messages[1] ?? "")).not.toContain("<a ");
});

test("attachments are bytes, texts and artifacts of the run", async () => {
  const stub = await serving();
  const smtp = url;
  const report = task("report", async (_: void, ctx) => {
    const csv = await ctx.artifact("sales.csv").write(new TextEncoder().encode("a,b\n"));
    await email("bi@example.com").send({
      subject: "s",
      text: "t",
      attachments: { "sales.csv": csv, "note.txt": "hello", "raw.bin": new Uint8Array([1, 2]) },
    });
  });
  await runTask(report, undefined, { connections: { smtp } });
  const [message = ""] = stub.messages;
  for (const name of ["sales.csv", "note.txt", "raw.bin"]) expect(message).toContain(`filename=${name}`);
  expect(message).toContain(Buffer.from("a,b\n").toString("base64"));
  expect(message).toContain(Buffer.from([1, 2]).toString("base64"));
});

test("a mail that is sent again under one key is recognised by its Message-ID", async () => {
  const stub = await serving();
  const ids = [];
  for (const [key, subject] of [
    ["k", "s"],
    ["k", "s"],
    ["k", "other"],
    ["k2", "s"],
  ] as const)
    ids.push((await bi.send({ subject, text: "t" }, { idempotencyKey: key })).messageId);
  expect(ids[0]).toBe(ids[1]);
  expect(new Set(ids).size).toBe(3);
  expect(stub.messages[0]).toContain(`Message-ID: ${ids[0]}`);
});

test("as a notifier it tells an alert, under the alert's id", async () => {
  const stub = await serving();
  await bi.notify(sampleAlert());
  await bi.notify(sampleAlert());
  const ids = stub.messages.map((message) => /^Message-ID: (.*)$/m.exec(message)?.[1]);
  expect(ids[0]).toBe(ids[1]);
  expect(stub.messages[0]).toMatch(/^Subject: retail \/ load failed$/m);
  expect(decoded(stub.messages[0] ?? "")).toContain("no such table &lt;daily&gt; &amp; co [SQL_FAILED]");
});

test.each([
  ["an address that it does not know", { RCPT: "550 no such user" }, 550, true],
  ["a mailbox that is busy", { RCPT: "450 try later" }, 450, false],
  ["the message", { BODY: "554 spam" }, 554, true],
  ["the message, by hanging up", { BODY: "" }, null, false],
])("a server that refuses %s is one error, after one try", async (_, answers, responseCode, permanent) => {
  const stub = await serving(answers);
  await expect(bi.send("x")).rejects.toMatchObject({ code: "EMAIL_FAILED", responseCode, permanent });
  expect(stub.commands.filter((line) => line.startsWith("MAIL"))).toHaveLength(1);
});

test("a refused password is named, and not shown", async () => {
  await serving({ AUTH: "535 bad credentials" }, "user:hunter2@");
  const error = await bi.send("x").catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "EMAIL_FAILED", message: expect.stringContaining("Are user and password") });
  expect(JSON.stringify(error) + String(error)).not.toContain("hunter2");
});

test("a password goes to no server without TLS, unless the URL says so", async () => {
  const stub = await serving({}, "user:hunter2@", "from=a@example.com&tls=required");
  await expect(bi.send("x")).rejects.toMatchObject({
    code: "EMAIL_FAILED",
    message: expect.stringContaining("tls=off"),
  });
  expect(stub.commands.some((line) => line.startsWith("AUTH"))).toBe(false);
  const off = await serving({}, "user:hunter2@", "from=a@example.com&tls=off");
  await bi.send("x");
  expect(off.commands.some((line) => line.startsWith("AUTH"))).toBe(true);
});

test("a server that is not there is tried three times and named", async () => {
  const stub = await serving();
  await stub.close();
  await expect(bi.send("x")).rejects.toMatchObject({
    code: "EMAIL_FAILED",
    message: expect.stringContaining("ECONNREFUSED"),
  });
  await expect(bi.send("x", { signal: AbortSignal.timeout(200) })).rejects.toMatchObject({ name: "TimeoutError" });
});

test.each([
  ["a subject with a header in it", { subject: "a\r\nBcc: x@y.z", text: "" }, "EMAIL_REFUSED"],
  ["no subject", { subject: " ", text: "" }, "EMAIL_REFUSED"],
  ["an address with a header in it", { subject: "a", text: "", cc: "a@b.c\r\nBcc: x@y.z" }, "EMAIL_REFUSED"],
  ["no address", { subject: "a", text: "", replyTo: "me" }, "EMAIL_REFUSED"],
  ["an attachment with a path in its type", { subject: "a", text: "", attachments: { "a\n": "x" } }, "EMAIL_REFUSED"],
] as const)("%s is refused before anything is sent", async (_, message, code) => {
  const stub = await serving();
  await expect(bi.send(message as EmailMessage)).rejects.toMatchObject({ code });
  expect(stub.commands).toEqual([]);
});

test("a mail from nobody says how to name somebody", async () => {
  await serving({}, "", "tls=off");
  await expect(bi.send("x")).rejects.toMatchObject({
    code: "EMAIL_REFUSED",
    message: expect.stringContaining("?from="),
  });
  await email("a@example.com", { from: "me@example.com" }).send("x");
});

test.each([
  ["http://secret@host", /must look like|must look/],
  ["smtp://user:secret@host?colour=red", /"colour" is not known/],
  ["smtp://user:secret@host?tls=maybe", /"tls" is one of/],
])("the URL %s is refused without being shown", async (given, message) => {
  url = given;
  const error = await bi.send("x").catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "CONNECTION_URL_REFUSED", message: expect.stringMatching(message) });
  expect(String(error)).not.toContain("secret");
});

test("nobody to write to is refused where it is written", () => {
  expect(() => email([])).toThrow(/no address/);
  expect(() => email("nobody")).toThrow(/no address/);
});
