import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { tempProject } from "../support/temp-project.ts";
import { tutti } from "../support/tutti-process.ts";
import { started } from "./started.ts";

const smtp = started("smtp");
const hook = started("webhook");

interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly content: string;
}

interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Or why not. */
  readonly signed: true | string;
}

/** Each run is one of the shipped command line, with connections as its environment has them. */
async function run(pipeline: string, env: Readonly<Record<string, string>>) {
  const project = tempProject({
    "pipelines/tell.ts": `import { dag, FailWithoutRetry, task } from "tutti";\n${pipeline}`,
  });
  const ended = await tutti(["run", "tell"], { cwd: project.dir, env });
  const [{ id }] = JSON.parse((await tutti(["runs", "--json"], { cwd: project.dir })).stdout) as [{ id: string }];
  const logs = await tutti(["logs", id], { cwd: project.dir });
  const shown = await tutti(["show", "tell"], { cwd: project.dir });
  return { code: ended.code, said: ended.stdout + ended.stderr + logs.stdout + shown.stdout };
}

describe.skipIf(smtp === null)("mail, to a real server", () => {
  const { port = "", ca = "", mails = "", user = "", password = "" } = smtp ?? {};
  const url = (secret = password): string =>
    `smtp://${user}:${encodeURIComponent(secret)}@localhost:${port}?from=${encodeURIComponent("Tutti <tutti@example.com>")}&tls=required`;
  const taken = (): Mail[] =>
    readdirSync(mails)
      .filter((name) => name.endsWith(".json"))
      .toSorted()
      .map((name) => JSON.parse(readFileSync(join(mails, name), "utf8")) as Mail);
  let before = 0;
  beforeEach(() => void (before = taken().length));

  const send = (to: string, options = ""): string => `
    import { email } from "tutti/email";
    const bi = email(${JSON.stringify(to)});
    const report = task("report"${options}, async (_: void, ctx) => {
      const csv = await ctx.artifact("sales.csv").write(new TextEncoder().encode("sku,sold\\na,1\\n"));
      const sent = await bi.send({ subject: "Sales – été", text: "Attached.", attachments: { "sales.csv": csv } }, { idempotencyKey: ctx.idempotencyKey });
      ctx.log.info("sent", sent);
    });
    export default dag("tell", {}, () => void report());`;

  test("over TLS, with a password, an attachment and a subject in Unicode", async () => {
    const { code, said } = await run(send("BI <bi@example.com>"), {
      TUTTI_CONNECTION_SMTP: url(),
      NODE_EXTRA_CA_CERTS: ca,
    });
    expect(code, said).toBe(0);
    const [mail] = taken().slice(before);
    expect(mail).toMatchObject({ from: "tutti@example.com", to: ["bi@example.com"] });
    expect(mail?.content).toMatch(/^Subject: =\?UTF-8\?.*\?=\r$/m);
    expect(mail?.content).toContain(Buffer.from("sku,sold\na,1\n").toString("base64"));
    expect(said).not.toContain(password);
  });

  test("a server whose certificate nobody vouches for gets neither mail nor password", async () => {
    const { code, said } = await run(send("bi@example.com"), { TUTTI_CONNECTION_SMTP: url() });
    expect(code).toBe(1);
    expect(said).toMatch(/EMAIL_FAILED/);
    expect(taken()).toHaveLength(before);
  });

  test("a wrong password is named and not shown", async () => {
    const { said } = await run(send("bi@example.com"), {
      TUTTI_CONNECTION_SMTP: url("wrong-password"),
      NODE_EXTRA_CA_CERTS: ca,
    });
    expect(said).toContain("Are user and password of the connection's URL right?");
    expect(said).not.toContain("wrong-password");
  });

  test.each([
    ["nobody@example.com", "550"],
    ["busy@example.com", "451"],
  ])("what the server says about %s is the task's error", async (to, answer) => {
    const { code, said } = await run(send(to), { TUTTI_CONNECTION_SMTP: url(), NODE_EXTRA_CA_CERTS: ca });
    expect(code).toBe(1);
    expect(said).toContain(answer);
    expect(taken()).toHaveLength(before);
  });
});

describe.skipIf(hook === null)("webhooks, Slack and HTTP, to a process that checks them", () => {
  const { port = "", secret = "" } = hook ?? {};
  const base = `127.0.0.1:${port}`;
  const received = async (path: string): Promise<Received[]> =>
    ((await (await fetch(`http://${base}/received`)).json()) as Received[]).filter((one) => one.path === path);

  test("a webhook's signature is right for the library that receivers use; a repeat has the same id", async () => {
    const { code, said } = await run(
      `import { webhook } from "tutti/webhook";
       const ops = webhook("ops");
       const tell = task("tell", async (_: void, ctx) => {
         await ops.send("sales.loaded", { note: "été" }, { id: ctx.idempotencyKey });
       });
       export default dag("tell", {}, () => void tell());`,
      { TUTTI_CONNECTION_OPS: `http://:${secret}@${base}/busy` },
    );
    expect(code, said).toBe(0);
    const seen = await received("/busy");
    expect(seen.map(({ signed }) => signed)).toEqual([true, true]);
    expect(seen[0]?.headers["webhook-id"]).toBe(seen[1]?.headers["webhook-id"]);
    expect(JSON.parse(seen[0]?.body ?? "")).toMatchObject({ type: "sales.loaded", data: { note: "été" } });
    expect(said).not.toContain(secret);
  });

  test("a webhook that answers 500 for an hour fails the task within seconds, with what it said", async () => {
    const began = performance.now();
    const { code, said } = await run(
      `import { webhook } from "tutti/webhook";
       const ops = webhook("ops");
       export default dag("tell", {}, () => void task("tell", () => ops.send("a", {}))());`,
      { TUTTI_CONNECTION_OPS: `http://:${secret}@${base}/down/1` },
    );
    expect(code).toBe(1);
    expect(said).toContain('The webhook of connection "ops" answered 500: out of order');
    expect(performance.now() - began).toBeLessThan(60_000);
    expect(await received("/down/1")).toHaveLength(4);
  });

  test("Slack gets its message once, and the webhook's path stays out of every log", async () => {
    const path = "/services/T0001/B0002/aBcDeFgHiJkLmNoPqRsTuVwX";
    const pipeline = (call: string): string => `
      import { slack } from "tutti/slack";
      const data = slack("#data");
      const tell = task("tell", async (_: void, ctx) => { ctx.log.info("to " + "aBcDeFgHiJkLm" + "NoPqRsTuVwX"); ${call} });
      export default dag("tell", {}, () => void tell());`;
    const ok = await run(pipeline(`await data.send({ title: "Sales are in", fields: { rows: 3 } });`), {
      TUTTI_CONNECTION_SLACK: `http://${base}${path}`,
    });
    expect(ok.code, ok.said).toBe(0);
    expect(JSON.parse((await received(path))[0]?.body ?? "")).toMatchObject({ channel: "#data", text: "Sales are in" });
    const down = await run(pipeline(`await data.send("x");`), { TUTTI_CONNECTION_SLACK: `http://${base}/down${path}` });
    expect(down.code).toBe(1);
    expect(await received(`/down${path}`)).toHaveLength(1);
    for (const { said } of [ok, down]) expect(said).not.toContain("aBcDeFg");
  });

  test("a call with a token: the server sees it, the log does not", async () => {
    const { code, said } = await run(
      `import { http } from "tutti/http";
       const crm = http("crm");
       const call = task("call", async (_: void, ctx) => {
         const { body } = await crm.get<{ path: string; auth: string }>("/orders", { query: { day: "2025-08-12" } });
         ctx.log.info("the server saw " + body.path + " and " + body.auth);
       });
       export default dag("tell", {}, () => void call());`,
      { TUTTI_CONNECTION_CRM: `http://:tok-secret-1@${base}/api` },
    );
    expect(code, said).toBe(0);
    expect(said).toContain("the server saw /api/orders?day=2025-08-12 and Bearer ***");
  });
});
