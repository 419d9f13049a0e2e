import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../../../scripts/system-process.ts";
import { codeBlocks, readPage } from "../../docs/page.ts";
import { tempProject, type TempProject } from "../../support/temp-project.ts";
import { startTutti, tutti } from "../../support/tutti-process.ts";

const PIPELINE = `
import { dag, task } from "tutti";
const step = task("step", () => 1);
export default dag("sales", {}, () => void step());
`;
const KEY = "whsec_aSBhbSBhIHNlY3JldA==";
const LIMIT = { timeout: 120_000, interval: 300 };

/** Takes what it is told, says which message that is, and answers nobody. */
const DEAF = `
import { createServer } from "node:http";
createServer((request) => console.log(request.headers["webhook-id"])).listen(Number(process.env.PORT), "127.0.0.1", () => console.log("listening"));
`;

/** As the documentation has it. */
const documented = (): string => {
  const found = codeBlocks(readPage("docs/reference/api.md")).find(({ text }) => text.startsWith("// receiver.ts\n"));
  if (found === undefined) throw new Error("docs/reference/api.md has no receiver.");
  return found.text;
};

/** A process of its own, which says a line for each message. */
async function receiver(project: TempProject, file: string, port: number) {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", project.path(file)], {
    env: { ...process.env, PORT: String(port), HOOK_KEY: KEY },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const said: string[] = [];
  createInterface(child.stdout).on("line", (line) => said.push(line));
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  onTestFinished(kill);
  await expect.poll(() => said, LIMIT).toEqual(["listening"]);
  return { kill, messages: () => said.slice(1) };
}

interface Message {
  readonly type: string;
  readonly data: { readonly runId: string };
}

/** The number and the run of a message as the documented receiver says it. */
function told(line: string): { readonly id: string; readonly run: string; readonly type: string } {
  const [id = ""] = line.split(" ", 1);
  const { type, data } = JSON.parse(line.slice(id.length + 1)) as Message;
  return { id, run: data.runId, type };
}

test("a receiver that was away, and a server that was killed while it told one: each end is told, under one number, signed", async () => {
  const project = tempProject({
    "package.json": `{"type":"module"}`,
    "pipelines/sales.ts": PIPELINE,
    "receiver.ts": documented(),
    "deaf.ts": DEAF,
  });
  const port = await freePort();
  const env = { TUTTI_SECRET_HOOK_KEY: KEY, TUTTI_WEBHOOK_HOSTS: "127.0.0.1", TUTTI_PORT: String(await freePort()) };
  const here = { cwd: project.dir, env };
  const up = async () => {
    const server = startTutti(["start"], here);
    await server.saw(/http:\/\//);
    return server;
  };
  const run = async (): Promise<string> => {
    const { code, stdout, stderr } = await tutti(["run", "sales", "--json"], here);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return (JSON.parse(stdout) as { run: { id: string } }).run.id;
  };
  const waiting = async () => {
    const { stdout } = await tutti(["alerts", "--json"], here);
    return (JSON.parse(stdout) as { state: string }[]).filter(({ state }) => state !== "delivered").length;
  };

  const first = await receiver(project, "receiver.ts", port);
  const server = await up();
  const url = `http://127.0.0.1:${port}/in`;
  const added = await tutti(["webhooks", "add", url, "--event", "run.succeeded", "--secret", "hook-key"], here);
  expect(added).toMatchObject({ code: 0 });
  const one = await run();
  await expect.poll(first.messages, LIMIT).toHaveLength(1);
  expect(told(first.messages()[0]!)).toMatchObject({ run: one, type: "run.succeeded" });

  // Whoever has no secret is not believed.
  const forged = await fetch(url, {
    method: "POST",
    body: JSON.stringify({ type: "run.succeeded", data: { runId: "x" } }),
    headers: {
      "webhook-id": "m1",
      "webhook-timestamp": String(Math.floor(Date.now() / 1000)),
      "webhook-signature": "v1,x",
    },
  });
  expect(forged.status).toBe(401);

  await first.kill();
  const [two, three] = [await run(), await run()];
  await expect.poll(waiting, LIMIT).toBe(2);
  // The first is tried again, with one who takes it and says nothing: nobody knows what becomes of it. The other waits behind it.
  const deaf = await receiver(project, "deaf.ts", port);
  await expect.poll(deaf.messages, { ...LIMIT, interval: 20 }).toHaveLength(1);
  server.killGroup("SIGKILL");
  await server.ended;
  await deaf.kill();

  const last = await receiver(project, "receiver.ts", port);
  await up();
  await expect.poll(() => last.messages().length, LIMIT).toBeGreaterThanOrEqual(2);
  await expect.poll(waiting, LIMIT).toBe(0);
  const heard = last.messages().map(told);
  expect(heard.map((message) => message.run).toSorted()).toEqual([two, three].toSorted());
  expect(heard.find((message) => message.run === two)?.id).toBe(deaf.messages()[0]);
  expect(first.messages()).toHaveLength(1);
}, 400_000);
