import { existsSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { runChannel } from "../../src/engine/wake-up-channels.ts";
import { PostgresWakeUps } from "../../src/store/postgres/postgres-wake-ups.ts";
import { PostgresProxy } from "../support/postgres-proxy.ts";
import { type PostgresProject, postgresProject } from "../support/postgres-project.ts";
import { PostgresServer } from "../support/postgres-server.ts";
import { tempProject } from "../support/temp-project.ts";
import { tutti, type TuttiProcess } from "../support/tutti-process.ts";

/** A task waits until a file is there, so that a test decides how long a run goes on; each leaves a line when it has ended. */
const PIPELINE = `
import { dag, task } from "tutti";
import { appendFileSync, existsSync } from "node:fs";
const root = new URL("../", import.meta.url);
const waits = task("waits", async ({ gate, before }: { gate: string; before: unknown }, ctx) => {
  ctx.log.info("waiting for " + gate);
  while (!existsSync(new URL(gate, root))) {
    if (ctx.signal.aborted) throw ctx.signal.reason;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  appendFileSync(new URL("done.txt", root), ctx.idempotencyKey + "\\n");
  return gate;
});
const fails = task("fails", (_: {}, ctx) => {
  if (ctx.runInfo.generation === 1) throw new Error("broken");
  return "mended";
});
const params = { "~standard": { version: 1, vendor: "here", validate: (given: any) =>
  Number.isInteger(given?.n) ? { value: { n: given.n as number } } : { issues: [{ message: "must be whole", path: ["n"] }] } } } as const;
const adds = task("adds", ({ n }: { n: number }) => n + 1);
export const long = dag("long", {}, () => { waits({ gate: "second", before: waits({ gate: "first", before: 0 }) }); });
export const broken = dag("broken", {}, () => { fails(); });
export const sum = dag("sum", { params: params as any }, ({ params }) => { adds({ n: params.n }); });
`;

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.stop());

const project = () => postgresProject(server, { "pipelines/gates.ts": PIPELINE });

const opened = (here: PostgresProject, ...gates: readonly string[]): void =>
  gates.forEach((gate) => here.write(gate, ""));

const done = (here: PostgresProject): string[] =>
  existsSync(here.path("done.txt")) ? readFileSync(here.path("done.txt"), "utf8").trim().split("\n").sort() : [];

async function up(here: PostgresProject, args: readonly string[] = ["start"]): Promise<TuttiProcess> {
  const process = here.start(args);
  await process.saw(/^Process "/);
  return process;
}

interface Listed {
  readonly id: string;
  readonly workflow: string;
  readonly state: string;
  readonly interrupted: boolean;
}

const listed = async (here: PostgresProject): Promise<readonly Listed[]> =>
  JSON.parse((await here.tutti(["runs", "--json"])).stdout) as Listed[];

describe("start", () => {
  test("a run is submitted, followed with its logs, and reported as if it ran here; nothing needs its pipeline file", async () => {
    const here = await project();
    const station = await up(here);
    opened(here, "first");
    const run = here.start(["run", "long"]);
    await run.saw(/long .*\n/);
    // Where it runs, no pipeline file is read.
    await run.saw(/waits_2 \| waiting for second/);
    opened(here, "second");
    expect(await run.ended).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toMatch(/✓ waits .*\n.*✓ waits_2 .*\n.*succeeded in .*2 succeeded/s);
    const [one] = await listed(here);
    expect(one).toMatchObject({ workflow: "long", state: "succeeded", interrupted: false });
    expect((await here.tutti(["logs", one!.id])).stdout).toMatch(/waiting for first.*waiting for second/s);
    station.kill("SIGTERM");
    expect(await station.ended).toMatchObject({ code: 0 });
    expect(
      JSON.parse((await here.tutti(["prune", "--older-than", "1ms", "--dry-run", "--json"])).stdout),
    ).toMatchObject({ runs: 1 });
    const heard = new Set<string>();
    const wakeUps = await PostgresWakeUps.open({ url: server.url(here.database) });
    wakeUps.listenAll((channel) => heard.add(channel));
    expect(JSON.parse((await here.tutti(["prune", "--older-than", "1ms", "--json"])).stdout)).toMatchObject({
      runs: 1,
    });
    // Whoever shows the run is told that it is gone.
    await expect.poll(() => [...heard]).toContain(runChannel(one!.id));
    await wakeUps.close();
    expect([await listed(here), existsSync(here.path(`.tutti/logs/${one!.id}`))]).toEqual([[], false]);
    // It took itself off every list.
    expect((await here.tutti(["workers"])).stdout).toMatch(/^No process/);
    expect(
      await server.execute(here.database, "select name from tutti.worker union select name from tutti.scheduler"),
    ).toEqual([]);
  }, 60_000);

  test("params are parsed where the run is asked for; --json and --quiet say the same as on one machine", async () => {
    const here = await project();
    await up(here);
    const { code, stderr } = await here.tutti(["run", "sum", "--param", "n=1.5"]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/"n".*\[PARAMS_INVALID\]\n$/) });
    expect(await listed(here)).toEqual([]);
    const json = await here.tutti(["run", "sum", "--param", "n=41", "--json"]);
    expect(json).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(json.stdout)).toMatchObject({
      run: { workflow: "sum", state: "succeeded", params: { n: 41 } },
      tasks: [{ name: "adds", state: "succeeded", attempts: 1, output: 42 }],
    });
    expect((await here.tutti(["run", "sum", "--params", `{"n": 1}`, "-q"])).stdout).toMatch(/^✓ succeeded in /);
  }, 60_000);

  test("a failed run is retried, a long one cancelled, from any terminal", async () => {
    const here = await project();
    await up(here);
    const failed = await here.tutti(["run", "broken"]);
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringMatching(/Task "fails" failed: broken/) });
    const [, id = ""] = /tutti retry (\w{26})/.exec(failed.stdout) ?? [];
    expect(await here.tutti(["retry", id])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/✓ fails .*succeeded/s),
    });
    const again = await here.tutti(["retry", id]);
    expect(again).toMatchObject({ code: 2, stderr: expect.stringMatching(/\[NOTHING_TO_RETRY\]/) });

    const run = here.start(["run", "long"]);
    await run.saw(/waiting for first/);
    const [{ id: long }] = (await listed(here)) as [Listed];
    expect(await here.tutti(["cancel", long])).toMatchObject({ code: 0 });
    expect(await run.ended).toMatchObject({ code: 1, stdout: expect.stringMatching(/cancelled in/) });
    expect(await here.tutti(["cancel", long])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/\[RUN_ENDED\]/),
    });
  }, 60_000);

  test("Ctrl-C in whoever follows stops only that; logs -f and resume follow it again", async () => {
    const here = await project();
    await up(here);
    const run = here.start(["run", "long"]);
    await run.saw(/waiting for first/);
    const [{ id }] = (await listed(here)) as [Listed];
    run.kill("SIGINT");
    expect(await run.ended).toMatchObject({ code: 130, stderr: expect.stringContaining(`tutti logs ${id} -f`) });
    const logs = here.start(["logs", id, "-f"]);
    await logs.saw(/waiting for first/);
    const resumed = here.start(["resume", id]);
    await resumed.saw(/^long /);
    opened(here, "first", "second");
    expect(await logs.ended).toMatchObject({ code: 0, stderr: "" });
    expect(await resumed.ended).toMatchObject({ code: 0 });
    expect(done(here)).toEqual([`${id}/waits`, `${id}/waits_2`]);
  }, 60_000);

  test("without anybody it is said that the run waits; whoever starts takes it", async () => {
    const here = await project();
    opened(here, "first", "second");
    const run = here.start(["run", "long"]);
    await run.saw(/^No scheduler and no worker is alive on this store: the run waits .* tutti start\n/, "stderr");
    expect(await listed(here)).toMatchObject([{ state: "queued", interrupted: true }]);
    await up(here);
    expect(await run.ended).toMatchObject({ code: 0 });
  }, 60_000);

  test("--here works on its own run only, and leaves it to others when it is stopped", async () => {
    const here = await project();
    const waiting = here.start(["run", "broken"]);
    await waiting.saw(/run waits/, "stderr");
    const own = here.start(["run", "long", "--here"]);
    await own.saw(/waiting for first/);
    expect(own.stderr).toBe("");
    expect(await listed(here)).toMatchObject([
      { workflow: "long", state: "running" },
      { workflow: "broken", state: "queued" },
    ]);
    own.kill("SIGINT");
    await own.saw(/Stopping/, "stderr");
    opened(here, "first", "second");
    expect(await own.ended).toMatchObject({ code: 130, stderr: expect.stringMatching(/tutti resume \w{26} --here/) });
    const [{ id }] = (await listed(here)).filter(({ workflow }) => workflow === "long") as [Listed];
    expect(done(here)).toEqual([`${id}/waits`]);
    expect(await here.tutti(["resume", id, "--here"])).toMatchObject({ code: 0 });
    expect(done(here)).toEqual([`${id}/waits`, `${id}/waits_2`]);
    waiting.kill("SIGINT");
    await waiting.ended;
    const broken = (await listed(here)).find(({ workflow }) => workflow === "broken")!.id;
    expect(await here.tutti(["resume", broken, "--here"])).toMatchObject({ code: 1 });
    expect(await here.tutti(["retry", broken, "--here"])).toMatchObject({ code: 0 });
  }, 60_000);

  test("a process that is told to stop lets its task end and hands its runs on; one that is killed is replaced", async () => {
    const here = await project();
    const first = await up(here);
    const run = here.start(["run", "long"]);
    await run.saw(/waiting for first/);
    const second = await up(here);
    first.kill("SIGTERM");
    await first.saw(/Stopping/, "stderr");
    opened(here, "first");
    expect(await first.ended).toMatchObject({ code: 0 });
    await run.saw(/waiting for second/);
    const third = await up(here);
    second.killGroup("SIGKILL");
    await second.ended;
    // Its leases end by themselves.
    await run.saw(/waiting for second.*waiting for second/s);
    opened(here, "second");
    expect(await run.ended).toMatchObject({ code: 0 });
    expect(new Set(done(here)).size).toBe(2);
    await expect
      .poll(async () => (await here.tutti(["workers"])).stdout, { timeout: 10_000 })
      .toMatch(/alive .*\n.*dead /s);
    third.kill("SIGINT");
    expect(await third.ended).toMatchObject({ code: 0 });
  }, 90_000);

  test("schedulers and workers apart: a worker without pipeline files runs what a scheduler offers, with logs and cancels", async () => {
    const here = await project();
    const scheduler = await up(here, ["start", "--role", "scheduler"]);
    expect(scheduler.stdout).toMatch(/ schedules on store /);
    const run = here.start(["run", "long"]);
    await run.saw(/^No worker is alive on this store: .* tutti start --role worker\n/, "stderr");
    // It reads no pipeline file, and the code comes from the store.
    const worker = here.start(["worker", "--slots", "3", "--label", "zone=a"], {
      TUTTI_PIPELINES: "nowhere",
      TUTTI_STATE: "other",
      TUTTI_ARTIFACTS: here.path(".tutti/artifacts"),
      TUTTI_LOGS: here.path(".tutti/logs"),
    });
    await worker.saw(/ works \(queue default, 3 slots\) on store /);
    await run.saw(/waits \| waiting for first/);
    expect(JSON.parse((await here.tutti(["workers", "--json"])).stdout)).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ roles: ["scheduler"], slots: 0, alive: true }),
        expect.objectContaining({
          roles: ["worker"],
          slots: 3,
          queues: ["default"],
          labels: { zone: "a" },
          alive: true,
        }),
      ]),
    );
    opened(here, "first");
    await run.saw(/waiting for second/);
    const [{ id }] = (await listed(here)) as [Listed];
    await here.tutti(["cancel", id]);
    expect(await run.ended).toMatchObject({ code: 1, stdout: expect.stringMatching(/cancelled in/) });
    const sum = await here.tutti(["run", "sum", "--param", "n=41", "--json"]);
    expect(JSON.parse(sum.stdout)).toMatchObject({ run: { state: "succeeded" }, tasks: [{ output: 42 }] });
    for (const process of [worker, scheduler]) {
      process.kill("SIGTERM");
      expect(await process.ended).toMatchObject({ code: 0 });
    }
    expect((await here.tutti(["workers"])).stdout).toMatch(/^No process/);
  }, 90_000);

  test("a second signal stops at once", async () => {
    const here = await project();
    const station = await up(here);
    const run = here.start(["run", "long"]);
    await run.saw(/waiting for first/);
    station.kill("SIGTERM");
    await station.saw(/Stopping/, "stderr");
    await pause(300);
    station.kill("SIGTERM");
    expect(await station.ended).toMatchObject({ code: 143 });
  }, 60_000);
});

describe("what is refused", () => {
  test.each([
    [["start", "--role", "schedular"], /"schedular" is no role\. Did you mean "scheduler"\?.*\[UNKNOWN_ROLE\]/],
    [["worker", "--queue", "a b"], /"a b" is no name of a queue.*\[BAD_USAGE\]/],
    [["worker", "--slots", "many"], /"many" is no number of slots.*\[BAD_USAGE\]/],
    [["worker", "--label", "zone"], /"zone" is no label\. Write: --label zone=.*\[BAD_USAGE\]/],
    [["worker", "--label", "a=1", "--label", "a=2"], /Label "a" is given twice.*\[BAD_USAGE\]/],
  ])("%j is wrong use", async (args, message) => {
    // It is said before any store is looked for.
    const options = { cwd: tempProject().dir, env: { TUTTI_STORE: server.url("none") } };
    const { code, stdout, stderr } = await tutti(args, options);
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(message) });
  });

  test("on SQLite there are no workers elsewhere", async () => {
    const here = await postgresProject(server);
    for (const args of [["worker"], ["start", "--role", "scheduler"]])
      expect(await here.tutti(args, { TUTTI_STORE: undefined })).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/"tutti start" without --role.*\[STORE_ON_ONE_MACHINE\]/),
      });
  });

  test("a process whose clock is ten minutes off does not start", async () => {
    const here = await postgresProject(server);
    const code = `Object.defineProperty(performance, "timeOrigin", { value: performance.timeOrigin + 600000 });`;
    const ended = await here.tutti(["start"], {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}`,
    });
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toMatch(/clock of this machine is 10 min ahead.*Nothing was started\. \[CLOCK_OFF\]\n$/);
    expect(await server.execute(here.database, "select name from tutti.process")).toEqual([]);
  });

  test("folders that belong to another store are refused, as are two addresses of two stores", async () => {
    const [here, other] = [await project(), await project()];
    const artifacts = { TUTTI_ARTIFACTS: here.path("shared") };
    const station = here.start(["start"], artifacts);
    await station.saw(/^Process "/);
    expect(await other.tutti(["start"], artifacts)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/shared" belongs to another store.*\[FOLDER_OF_ANOTHER_STORE\]/),
    });
    expect(await other.tutti(["worker"], { TUTTI_STORE_DIRECT: here.url })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/another store.*\[STORE_REPLACED\]/),
    });
  }, 60_000);

  test("an address that leads to another store while the process works stops it", async () => {
    const here = await project();
    const proxy = await PostgresProxy.start(server.port);
    onTestFinished(() => proxy.close());
    const station = here.start(["start"], { TUTTI_STORE: server.url(here.database, { port: proxy.port }) });
    await station.saw(/^Process "/);
    await server.execute(here.database, "update tutti.identity set id = gen_random_uuid()");
    expect(await station.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/\[STORE_REPLACED\]/) });
  }, 60_000);

  test("behind a pooler that drops LISTEN it is said, and work goes on", async () => {
    const here = await project();
    opened(here, "first", "second");
    const proxy = await PostgresProxy.start(server.port);
    onTestFinished(() => proxy.close());
    proxy.deaf = true;
    const env = { TUTTI_STORE: server.url(here.database, { port: proxy.port }) };
    const station = here.start(["start"], env);
    await station.saw(/does not pass notifications on.*\[WAKE_UPS_POLLED\]/, "stderr");
    expect(await here.tutti(["run", "long"], env)).toMatchObject({ code: 0 });
  }, 60_000);
});

describe("tutti start on SQLite", () => {
  test("registers workflows, goes on with unfinished runs, and serves other commands until it is told to stop", async () => {
    const here = await project();
    const env = { TUTTI_STORE: undefined };
    here.write("pipelines/bad.ts", "const a = ;");
    const alone = here.start(["run", "long"], env);
    await alone.saw(/waiting for first/);
    const station = here.start(["start"], env);
    await station.saw(/Process \d+ \("tutti run long"\) owns the store\. This one goes on when it ends\./, "stderr");
    alone.killGroup("SIGKILL");
    await station.saw(/^Process "/);
    expect(station.stderr).toMatch(/pipelines\/bad\.ts.*\[FILE_SYNTAX_ERROR\]/);
    opened(here, "first", "second");
    const [{ id }] = JSON.parse((await here.tutti(["runs", "--json"], env)).stdout) as [Listed];
    await here.tutti(["logs", id, "-f"], env);
    expect((await here.tutti(["runs"], env)).stdout).toMatch(/succeeded/);
    expect(await here.tutti(["run", "sum", "--param", "n=1"], env)).toMatchObject({ code: 0, stderr: "" });
    expect((await here.tutti(["workers"], env)).stdout).toMatch(/alive +scheduler, worker/);
    station.kill("SIGTERM");
    expect(await station.ended).toMatchObject({ code: 0 });
    expect((await here.tutti(["workers"], env)).stdout).toMatch(/^No process/);
  }, 60_000);
});
