import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HttpReceiver } from "../support/http-receiver.ts";
import { tempProject } from "../support/temp-project.ts";
import { tutti } from "../support/tutti-process.ts";

const PIPELINE = `
import { dag, task } from "tutti";
import { webhook } from "tutti/webhook";
const orders = webhook("orders");
const call = task("call", { secrets: ["api-key"] }, async (_: void, ctx) => {
  const key = await ctx.secret("api-key");
  console.log("key " + key);
  ctx.log.info("encoded", { as: Buffer.from(key).toString("base64") });
  return key.length;
});
const ask = task("ask", async () => { await orders.send("asked", {}); });
export default dag("w", { tags: ["finance"] }, () => { call(); ask(); });
`;
const VALUE = "sw0rdfish-of-the-bank";

test("secrets and connections are kept encrypted, given to tasks, masked in what they print, and put under a new key", async () => {
  const project = tempProject({ "pipelines/w.ts": PIPELINE });
  const { dir } = project;
  const heard = await HttpReceiver.start((_, response) => response.writeHead(204).end());
  const bytes = (folder: string) =>
    globSync("**/*", { cwd: project.path(folder), withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
      .join();
  const run = async (...args: readonly string[]) => tutti(args, { cwd: dir });
  const refused = await run("run", "w");
  expect(refused.code).toBe(1);
  expect(refused.stderr + refused.stdout).toMatch(
    /SECRET_NOT_FOUND[^]*CONNECTION_NOT_CONFIGURED|CONNECTION_NOT_CONFIGURED[^]*SECRET_NOT_FOUND/,
  );

  const set = await tutti(["secrets", "set", "api-key", "--description", "of the bank"], {
    cwd: dir,
    input: `${VALUE}\n`,
  });
  expect(set).toMatchObject({ code: 0, stderr: expect.stringContaining("A key was made") as string });
  expect(statSync(project.path(".tutti/key")).mode & 0o777).toBe(0o600);
  await tutti(["connections", "set", "orders", "--tag", "finance"], { cwd: dir, input: heard.url("/hook") });
  const [secret] = JSON.parse((await run("secrets", "--json")).stdout) as [{ keyId: string }];
  expect(secret).toMatchObject({ name: "api-key", description: "of the bank", tags: null });
  expect(JSON.parse((await run("connections", "--json")).stdout)).toMatchObject([
    { name: "orders", from: "store", kept: { tags: ["finance"] } },
  ]);
  expect(bytes(".tutti").includes(VALUE)).toBe(false);

  const done = await run("run", "w", "--json");
  expect(done.code).toBe(0);
  const [{ id }] = JSON.parse((await run("runs", "--json")).stdout) as [{ id: string }];
  const logs = await run("logs", id);
  expect(logs.stdout).toContain("key ***");
  for (const text of [done.stdout, done.stderr, logs.stdout, bytes(".tutti/logs")])
    for (const form of [VALUE, Buffer.from(VALUE).toString("base64")]) expect(text).not.toContain(form);

  expect(await run("secrets", "rotate")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("2 values") as string,
  });
  const [after] = JSON.parse((await run("secrets", "--json")).stdout) as [{ keyId: string }];
  expect(after.keyId).not.toBe(secret.keyId);
  expect((await run("run", "w")).code).toBe(0);

  const wrong = await tutti(["run", "w"], {
    cwd: dir,
    env: { TUTTI_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("hex") },
  });
  expect(wrong.code).toBe(1);
  expect(wrong.stderr + wrong.stdout).toContain("ENCRYPTION_KEY_WRONG");
  expect(await run("secrets", "rm", "api-key")).toMatchObject({ code: 0 });
  expect(await run("secrets", "rm", "api-key")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("SECRET_NOT_FOUND") as string,
  });
});
