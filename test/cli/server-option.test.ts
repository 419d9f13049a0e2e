import { expect, test } from "vitest";
import { tempProject } from "../support/temp-project.ts";
import { startTutti, tutti } from "../support/tutti-process.ts";

const SALES = `import { dag, onEvent, task } from "tutti";
const load = task("load", async ({ day }: { day: string }) => {
  console.log("loading " + day);
  if (day === "bad") throw new Error("no such day");
  return { day, rows: 3 };
});
export const sales = dag(
  "sales",
  { tags: ["finance"], schedule: ["@daily", onEvent("orders.in")], description: "what was sold" },
  () => { load({ day: "good" }); },
);
export const broken = dag("broken", {}, () => { load({ day: "bad" }); });
`;

test("every command that makes sense elsewhere speaks to a server, and says the same there as on the store itself", async () => {
  const project = tempProject({ "pipelines/sales.ts": SALES });
  const elsewhere = tempProject();
  const started = startTutti(["start", "--port", "0"], { cwd: project.dir });
  const [, url = "", token = ""] = await started.saw(/Open (http:\/\/127\.0\.0\.1:\d+)\/auth\?token=(\S+)/);
  const env = { TUTTI_SERVER: url, TUTTI_TOKEN: token, XDG_CONFIG_HOME: elsewhere.path("config") };
  const away = (...args: string[]) => tutti(args, { cwd: elsewhere.dir, env });
  const json = async (...args: string[]) => {
    const { stdout, stderr } = await away(...args, "--json");
    return JSON.parse(stdout || JSON.stringify(stderr)) as never;
  };

  const run = await away("run", "sales", "--date", "2026-01-30");
  expect(run).toMatchObject({ code: 0 });
  expect(run.stdout).toContain("loading good");
  const [failed, { code }] = await Promise.all([
    json("run", "broken"),
    away("retry", "--select", "workflow:sales state:failed"),
  ]);
  expect(failed).toMatchObject({
    run: { workflow: "broken", state: "failed" },
    tasks: [{ error: { message: "no such day" } }],
  });
  expect(code).toBe(0);

  // What both say of the same store.
  const here = await tutti(["runs", "--json"], { cwd: project.dir });
  expect(await json("runs")).toEqual(JSON.parse(here.stdout));
  const [list, shown, logs, selected] = await Promise.all([
    json("list"),
    json("show", "sales"),
    away("logs", (failed as { run: { id: string } }).run.id, "--grep", "LOADING"),
    json("runs", "--select", "tag:finance state:succeeded"),
  ]);
  expect(list).toMatchObject([
    { name: "broken", deployed: "yes" },
    { name: "sales", tasks: 1, tags: ["finance"], description: "what was sold", lastRun: { state: "succeeded" } },
  ]);
  expect(shown).toMatchObject({ name: "sales", manifest: { name: "sales" } });
  expect(logs.stdout).toContain("loading bad");
  expect(selected).toMatchObject([{ workflow: "sales", date: "2026-01-30" }]);

  const backfill = await away("backfill", "sales", "--from", "2026-01-29", "--to", "2026-01-31");
  expect(backfill).toMatchObject({ code: 0, stdout: expect.stringContaining("3 succeeded") as string });
  const [backfills, assets, paused, emitted, refused] = await Promise.all([
    json("backfill", "list"),
    json("assets"),
    away("pause", "broken"),
    json("emit", "orders.in", "--data", '{"id": 1}'),
    away("prune", "--older-than", "1d"),
  ]);
  expect(backfills).toMatchObject([{ workflow: "sales", state: "succeeded", total: 3 }]);
  expect(assets).toEqual([]);
  expect(paused).toMatchObject({ code: 0, stdout: expect.stringContaining("is paused") as string });
  expect(emitted).toMatchObject({ event: "orders.in", heard: [{ workflow: "sales", outcome: "started" }] });
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("NOT_OVER_HTTP") as string });

  // Who has signed in needs no variable any more.
  const bare = { cwd: elsewhere.dir, env: { XDG_CONFIG_HOME: elsewhere.path("config"), TUTTI_TOKEN: undefined } };
  expect(await tutti(["workers", "--server", url], bare)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("UNAUTHENTICATED") as string,
  });
  await away("users", "add", "bob", "--role", "operator");
  const login = await tutti(["login", url], { ...bare, input: `${token}\n` });
  expect(login).toMatchObject({ code: 0, stdout: expect.stringContaining("(admin)") as string });
  const workers = await tutti(["workers", "--json", "--server", url], bare);
  expect(JSON.parse(workers.stdout)).toMatchObject([{ alive: true }]);

  started.kill("SIGTERM");
  await started.ended;
  expect(await away("runs")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("SERVER_UNREACHABLE") as string,
  });
});
