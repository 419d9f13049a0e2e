import { afterAll, beforeAll, expect, test } from "vitest";
import { postgresProject } from "../../support/postgres-project.ts";
import { PostgresServer } from "../../support/postgres-server.ts";
import { tutti } from "../../support/tutti-process.ts";

const PIPELINE = `
import { dag, task } from "tutti";
const call = task("call", { secrets: ["api-key"] }, async (_: void, ctx) => {
  const key = await ctx.secret("api-key");
  console.log("the key is " + key);
  if (key !== "sw0rdfish-of-the-bank") throw new Error("another value");
  if (process.env.TUTTI_ENCRYPTION_KEY !== undefined) throw new Error("it has the key");
});
export default dag("calling", {}, () => void call());
`;
const VALUE = "sw0rdfish-of-the-bank";
const KEY = Buffer.alloc(32, 9).toString("base64");

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.stop());

test("a worker without the key, whose role may not read what is kept, runs a task with its secret; nobody else learns it", async () => {
  const project = await postgresProject(server, { "pipelines/calling.ts": PIPELINE });
  const { database } = project;
  const keyed = { TUTTI_ENCRYPTION_KEY: KEY };
  expect(await project.tutti(["deploy"])).toMatchObject({ code: 0 });
  const set = await tutti(["secrets", "set", "api-key"], {
    cwd: project.dir,
    env: { TUTTI_STORE: project.url, ...keyed },
    input: VALUE,
  });
  expect(set).toMatchObject({ code: 0 });

  await server.execute(database, "create role keyless login password 'keyless'");
  await server.execute(
    database,
    `grant usage on schema tutti to keyless; grant select, insert, update, delete on all tables in schema tutti to keyless;
     grant usage on all sequences in schema tutti to keyless;
     revoke all on tutti.secret, tutti.account, tutti.account_session, tutti.api_token, tutti.audit_entry, tutti.webhook from keyless`,
  );
  const scheduler = project.start(["start", "--role", "scheduler"], keyed);
  const worker = project.start(["worker"], {
    TUTTI_STORE: server.url(database, { user: "keyless", password: "keyless" }),
    TUTTI_ENCRYPTION_KEY: undefined,
  });
  await scheduler.saw(/^Process/);
  const ran = await project.tutti(["run", "calling", "--json"]);
  expect(ran).toMatchObject({ code: 0 });
  const { run } = JSON.parse(ran.stdout) as { run: { id: string; state: string } };
  expect(run.state).toBe("succeeded");
  const logs = await project.tutti(["logs", run.id]);
  expect(logs.stdout).toContain("the key is ***");

  // Neither question nor answer is left, and what is kept stays sealed.
  expect(await server.execute(database, "select id from tutti.secret_request")).toEqual([]);
  const kept = await server.execute<{ sealed: string }>(database, "select sealed from tutti.secret");
  expect(JSON.stringify(kept)).not.toContain(VALUE);
  for (const process of [worker, scheduler]) {
    process.kill("SIGTERM");
    await process.ended;
  }
});
