import { statSync } from "node:fs";
import { expect, test } from "vitest";
import { TuttiClient } from "../../src/client/index.ts";
import { tempProject } from "../support/temp-project.ts";
import { startTutti, tutti } from "../support/tutti-process.ts";

const HELLO = `import { existsSync } from "node:fs";
import { dag, task } from "tutti";
const say = task("say", async ({ name }: { name: string }, ctx) => {
  console.log("hello " + name);
  while (!existsSync("go")) {
    ctx.progress(1, 2, "half");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { name };
});
export const hello = dag("hello", { tags: ["greetings"] }, () => { say({ name: "ada" }); });
`;

test("tutti start serves whoever has its token, and commands beside it decide who else may come in", async () => {
  const project = tempProject({ "pipelines/hello.ts": HELLO });
  const options = { cwd: project.dir };
  const started = startTutti(["start", "--port", "0"], options);
  const [, url = "", token = ""] = await started.saw(/Open (http:\/\/127\.0\.0\.1:\d+)\/auth\?token=(\S+)/);
  expect(project.read(".tutti/token").trim()).toBe(token);
  expect(statSync(project.path(".tutti/token")).mode & 0o777).toBe(0o600);
  await expect(new TuttiClient({ url }).get("/api/runs")).rejects.toMatchObject({
    code: "UNAUTHENTICATED",
    status: 401,
  });

  const client = new TuttiClient({ url, token });
  const events = client.events(["runs"]);
  expect((await events.next()).value).toMatchObject({ event: "snapshot" });
  const { id } = await client.post("/api/runs", { body: { workflow: "hello" }, key: "first" });
  for await (const { data } of client.events([`run:${id}`])) {
    const [progress] = (data["progress"] ?? []) as readonly object[];
    if (progress === undefined) continue;
    expect(progress).toMatchObject({ claim: 1, done: 1, total: 2, note: "half" });
    break;
  }
  project.write("go", "");
  for (;;) {
    const { value } = await events.next();
    const run = value?.data["run"] as { id: string; state: string };
    expect(run.id).toBe(id);
    if (run.state === "succeeded") break;
  }
  const logs = await client.get("/api/runs/{run}/logs", { params: { run: id }, query: { q: "HELLO" } });
  expect(logs.items).toMatchObject([{ task: "say", attempt: 1, message: "hello ada" }]);
  await expect
    .poll(async () => (await client.get("/api/workers")).items)
    .toMatchObject([{ alive: true, roles: ["scheduler", "worker", "server"] }]);

  const added = await tutti(["tokens", "add", "ci", "--tag", "finance", "--json"], options);
  const { secret } = JSON.parse(added.stdout) as { secret: string };
  const limited = new TuttiClient({ url, token: secret });
  expect((await limited.get("/api/workflows")).items).toEqual([]);
  const user = await tutti(["users", "add", "bob", "--role", "operator", "--password"], {
    ...options,
    input: "a long password\n",
  });
  expect(user).toMatchObject({ code: 0, stdout: 'User "bob": added.\n' });
  const answer = await client.post("/api/session", { body: { name: "bob", password: "a long password" } });
  expect(answer).toMatchObject({ actor: "user:bob", role: "operator" });
  expect((await tutti(["users", "add", "bob"], options)).stderr).toContain("USER_EXISTS");
  const { items } = await client.get("/api/audit");
  expect(items.map(({ actor, action }) => `${actor.split(":")[0]} ${action}`)).toEqual([
    "user session.open",
    "cli user.create",
    "cli token.create",
    "local run.start",
  ]);

  // Another project's server can't have the port that it asks for, and does not begin.
  const other = tempProject({ "pipelines/hello.ts": HELLO });
  const refused = await tutti(["start", "--port", new URL(url).port], { cwd: other.dir });
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("SERVER_PORT_TAKEN") as string });
  const foreign = await tutti(["start", "--host", "0.0.0.0"], { cwd: other.dir });
  expect(foreign).toMatchObject({ code: 1, stderr: expect.stringContaining("SERVER_NEEDS_PUBLIC_URL") as string });

  started.kill("SIGTERM");
  expect(await started.ended).toMatchObject({ code: 0 });
  await expect(client.get("/api/runs")).rejects.toMatchObject({ code: "SERVER_UNREACHABLE" });
});
