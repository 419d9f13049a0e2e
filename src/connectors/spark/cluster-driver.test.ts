import { expect, onTestFinished, test } from "vitest";
import { setConnectionResolver, setTaskSignal } from "../../authoring/connection.ts";
import type { Context } from "../../authoring/context.ts";
import { TuttiError } from "../../core/errors.ts";
import { sparkSubmit } from "./spark-submit.ts";
import { StandaloneDouble } from "./standalone.test-data.ts";

const job = { application: "/jobs/daily.py", args: ["2017-12-25"] };

/** One task run: its state lasts from attempt to attempt. */
class TaskRun {
  readonly lines: string[] = [];
  readonly state = new Map<string, unknown>();
  #stop = new AbortController();

  /** An attempt of its own, as a worker would begin it. */
  attempt(url: string, spec: Parameters<ReturnType<typeof sparkSubmit>>[1] = job) {
    this.#stop = new AbortController();
    const log = (message: string): void => void this.lines.push(message);
    const ctx = {
      workflow: { name: "retail", version: "1" },
      task: "transform",
      signal: this.#stop.signal,
      log: { debug: log, info: log, warn: log, error: log },
      progress: () => {},
      state: {
        get: async (key: string) => this.state.get(key),
        set: async (key: string, value: unknown) =>
          void (value === undefined ? this.state.delete(key) : this.state.set(key, value)),
      },
    } as unknown as Context;
    const before = setConnectionResolver(() => url);
    setTaskSignal(() => null);
    onTestFinished(() => void setConnectionResolver(before));
    return sparkSubmit("cluster")(ctx, spec);
  }

  stop(code: string): void {
    this.#stop.abort(new TuttiError(code, "stopped"));
  }

  async saw(pattern: RegExp): Promise<void> {
    await expect.poll(() => this.lines.join("\n"), { timeout: 10_000, interval: 10 }).toMatch(pattern);
  }
}

test("a driver's output is logged line by line as it comes, and its end ends the task", async () => {
  const cluster = await StandaloneDouble.start();
  const run = new TaskRun();
  const ended = run.attempt(cluster.url);
  await run.saw(/submitted as "driver-/);
  cluster.driver().stdout += "one\ntw";
  await run.saw(/one/);
  cluster.driver().stdout += "o";
  cluster.driver().state = "FINISHED";

  expect(await ended).toEqual({
    submissionId: [...cluster.drivers.keys()][0],
    applicationId: null,
    attached: false,
    jobs: 0,
  });
  expect(run.lines.filter((line) => /^(one|tw|o|two)$/.test(line))).toEqual(["one", "two"]);
  expect(cluster.driver().args.slice(-2)).toEqual(["/jobs/daily.py", "2017-12-25"]);
  expect(cluster.driver().properties).toMatchObject({
    "spark.app.name": "retail.transform",
    "spark.submit.deployMode": "cluster",
  });
});

test("jobs that no look at its page has seen are counted by its log", async () => {
  const cluster = await StandaloneDouble.start();
  const run = new TaskRun();
  const ended = run.attempt(cluster.url);
  await run.saw(/submitted as "driver-/);
  const line = (text: string): void => void (cluster.driver().stderr += `26/11/22 21:17:14 INFO ${text}\n`);
  line("DAGScheduler: Got job 0 (count at daily.py:7) with 8 output partitions");
  line("DAGScheduler: Got job 1 (sum at daily.py:8) with 8 output partitions");
  line("Daily: Got job 7 of the list");
  cluster.driver().state = "FINISHED";

  expect(await ended).toMatchObject({ jobs: 2 });
});

test("a worker that shuts down leaves the application running, and the next attempt watches it", async () => {
  const cluster = await StandaloneDouble.start();
  const run = new TaskRun();
  const first = run.attempt(cluster.url);
  await run.saw(/submitted as "driver-/);
  run.stop("SHUTTING_DOWN");
  await expect(first).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
  expect(cluster.driver().state).toBe("RUNNING");

  const second = run.attempt(cluster.url);
  await run.saw(/it is watched/);
  cluster.driver().state = "FINISHED";

  expect(await second).toMatchObject({ attached: true });
  expect(cluster.drivers.size).toBe(1);
});

test("an application that ended well while nobody watched is not run again", async () => {
  const cluster = await StandaloneDouble.start();
  const run = new TaskRun();
  const first = run.attempt(cluster.url);
  await run.saw(/submitted as "driver-/);
  run.stop("SHUTTING_DOWN");
  await expect(first).rejects.toThrow();
  cluster.driver().state = "FINISHED";

  expect(await run.attempt(cluster.url)).toMatchObject({ attached: true });
  expect(cluster.drivers.size).toBe(1);
});

test.each(["CANCELLED", "TIMED_OUT"])("a task that is %s kills it, and a retry begins anew", async (code) => {
  const cluster = await StandaloneDouble.start();
  const run = new TaskRun();
  const first = run.attempt(cluster.url);
  await run.saw(/submitted as "driver-/);
  run.stop(code);
  await expect(first).rejects.toMatchObject({ code });
  expect(cluster.driver().state).toBe("KILLED");
  expect(run.state.size).toBe(0);

  const second = run.attempt(cluster.url);
  await expect.poll(() => cluster.drivers.size).toBe(2);
  cluster.driver().state = "FINISHED";
  expect(await second).toMatchObject({ attached: false });
});

test("a failure is told once: the next attempt submits again", async () => {
  const cluster = await StandaloneDouble.start();
  const run = new TaskRun();
  const first = run.attempt(cluster.url);
  await run.saw(/submitted as "driver-/);
  cluster.driver().stderr +=
    "26/11/22 21:21:34 INFO DAGScheduler: ResultStage 4 (sum at a.py:9) failed in 1 s due to row 7 is bad\n";
  cluster.driver().state = "FAILED";
  await expect(first).rejects.toMatchObject({
    code: "SPARK_STAGE_FAILED",
    message: expect.stringMatching(
      /^Spark application "driver-.*" failed in stage 4 \(sum at a.py:9\): the driver ended as FAILED\.\nrow 7 is bad$/,
    ),
    stage: { id: 4, reason: "row 7 is bad" },
  });

  const second = run.attempt(cluster.url);
  await expect.poll(() => cluster.drivers.size).toBe(2);
  cluster.driver().state = "FINISHED";
  expect(await second).toMatchObject({ attached: false });
});

test("an application that failed while nobody watched fails the attempt that finds it", async () => {
  const cluster = await StandaloneDouble.start();
  const run = new TaskRun();
  const first = run.attempt(cluster.url);
  await run.saw(/submitted as "driver-/);
  run.stop("SHUTTING_DOWN");
  await expect(first).rejects.toThrow();
  cluster.driver().stderr += 'Exception in thread "main" java.lang.IllegalStateException: no such table\n';
  cluster.driver().state = "FAILED";

  await expect(run.attempt(cluster.url)).rejects.toMatchObject({
    code: "SPARK_FAILED",
    message: expect.stringContaining("no such table"),
  });
  expect(cluster.drivers.size).toBe(1);
});

test("an application with other arguments is killed before another is submitted", async () => {
  const cluster = await StandaloneDouble.start();
  const run = new TaskRun();
  const first = run.attempt(cluster.url);
  await run.saw(/submitted as "driver-/);
  run.stop("SHUTTING_DOWN");
  await expect(first).rejects.toThrow();

  const second = run.attempt(cluster.url, { ...job, args: ["2017-12-26"] });
  await expect.poll(() => cluster.drivers.size).toBe(2);
  expect([...cluster.drivers.values()].map(({ state }) => state)).toEqual(["KILLED", "RUNNING"]);
  cluster.driver().state = "FINISHED";
  expect(await second).toMatchObject({ attached: false });
});

test("an answer that was lost on its way does not start a second application", async () => {
  const cluster = await StandaloneDouble.start();
  const run = new TaskRun();
  cluster.loseNextAnswer = true;
  const first = run.attempt(cluster.url);
  await expect(first).rejects.toMatchObject({ code: "SPARK_UNREACHABLE" });
  expect(cluster.drivers.size).toBe(1);

  // A driver that has just been launched has no log yet.
  cluster.hideLogs = true;
  const second = run.attempt(cluster.url);
  await run.saw(/can't be told yet/);
  cluster.hideLogs = false;
  await run.saw(/it is watched/);
  cluster.driver().state = "FINISHED";
  expect(await second).toMatchObject({ attached: true });
  expect(cluster.drivers.size).toBe(1);
});

test("a master that is away for a moment costs no attempt", async () => {
  const cluster = await StandaloneDouble.start();
  const run = new TaskRun();
  const ended = run.attempt(cluster.url);
  await run.saw(/submitted as "driver-/);
  const { port } = cluster;
  await cluster.close();
  await run.saw(/does not answer/);
  cluster.driver().state = "FINISHED";
  await cluster.listen(port);

  expect(await ended).toMatchObject({ attached: false });
  expect(cluster.drivers.size).toBe(1);
});

test("a master that stays away fails the attempt, and the next one finds the application", async () => {
  const cluster = await StandaloneDouble.start();
  const run = new TaskRun();
  const first = run.attempt(cluster.url);
  await run.saw(/submitted as "driver-/);
  const { port, url } = cluster;
  await cluster.close();
  await expect(first).rejects.toMatchObject({ code: "SPARK_UNREACHABLE" });
  await cluster.listen(port);

  const second = run.attempt(url);
  await run.saw(/it is watched/);
  cluster.driver().state = "FINISHED";
  expect(await second).toMatchObject({ attached: true });
});

test("a master that refuses says why", async () => {
  const cluster = await StandaloneDouble.start();
  cluster.refuse = "Current state is not alive: STANDBY.";
  await expect(new TaskRun().attempt(cluster.url)).rejects.toMatchObject({
    code: "SPARK_FAILED",
    message: "The Spark application failed: the master refused it.\nCurrent state is not alive: STANDBY.",
  });
});

test("a driver that the master forgot is submitted again", async () => {
  const cluster = await StandaloneDouble.start();
  const run = new TaskRun();
  const first = run.attempt(cluster.url);
  await run.saw(/submitted as "driver-/);
  run.stop("SHUTTING_DOWN");
  await expect(first).rejects.toThrow();
  cluster.drivers.clear();

  const second = run.attempt(cluster.url);
  await expect.poll(() => cluster.drivers.size).toBe(1);
  cluster.driver().state = "FINISHED";
  expect(await second).toMatchObject({ attached: false });
});

test("a fake takes the place of a cluster", async () => {
  const answer = { applicationId: "app-1", submissionId: null, attached: false, jobs: 1 };
  const run = new TaskRun();
  expect(await run.attempt({ submit: () => answer } as unknown as string)).toEqual(answer);
  await expect(run.attempt({} as unknown as string)).rejects.toMatchObject({ code: "FAKE_INCOMPLETE" });
});
