import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { task } from "../../authoring/task.ts";
import { runTask } from "../../testing/run-task.ts";
import { sparkSubmit } from "./spark-submit.ts";

const submit = sparkSubmit("cluster");
const transform = task("transform", (_: void, ctx) => submit(ctx, { application: "/jobs/daily.py", args: ["x"] }));

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly token: string | undefined;
}

/** An HTTP server that answers as `say` does; `undefined` is 404. */
async function server(say: (asked: Asked) => unknown) {
  const asked: Asked[] = [];
  const http = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => (body += part));
    request.on("end", () => {
      const one = { method: request.method!, path: request.url!, body, token: request.headers.authorization };
      asked.push(one);
      const answer = say(one);
      response.statusCode = answer === undefined ? 404 : 200;
      response.end(typeof answer === "string" ? answer : JSON.stringify(answer ?? { message: "not found" }));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void http.close());
  return { asked, address: `127.0.0.1:${(http.address() as AddressInfo).port}` };
}

/** A Spark whose `spark-submit` writes down its arguments, prints and exits. */
function sparkHome(prints: string, code = 0): { readonly home: string; readonly args: () => string[] } {
  const home = mkdtempSync(join(tmpdir(), "tutti-spark-home-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  mkdirSync(join(home, "bin"));
  const program = join(home, "bin", "spark-submit");
  writeFileSync(
    program,
    `#!/bin/sh\nprintf '%s\\n' "$@" > "${home}/args"\ncat <<'END'\n${prints}\nEND\nexit ${code}\n`,
  );
  chmodSync(program, 0o755);
  return { home, args: () => readFileSync(join(home, "args"), "utf8").trim().split("\n") };
}

test("YARN: found by its tag, asked for at the resource manager, its containers' log at the end", async () => {
  const spark = sparkHome("26/11/22 21:17:14 INFO Client: Uploading resource");
  let looks = 0;
  const rm = await server(({ path }) => {
    if (path.includes("applicationTags=")) return { apps: { app: [{ id: "application_1_0001" }] } };
    if (path.startsWith("/ws/v1/node/containers/container_1/logs/stdout")) return "sum of squares: 140\n";
    if (!path.startsWith("/ws/v1/cluster/apps/application_1_0001")) return undefined;
    const ended = ++looks > 1;
    return {
      app: {
        id: "application_1_0001",
        state: ended ? "FINISHED" : "RUNNING",
        finalStatus: ended ? "SUCCEEDED" : "UNDEFINED",
        trackingUrl: `http://${rm.address}/proxy/application_1_0001/`,
        amContainerLogs: `http://${rm.address}/node/containerlogs/container_1/root`,
      },
    };
  });

  const { output, logs } = await runTask(transform, undefined, {
    connections: { cluster: `yarn?resource_manager=${rm.address}&user=etl&spark_home=${spark.home}` },
  });

  expect(output).toMatchObject({ applicationId: "application_1_0001", submissionId: "application_1_0001" });
  const tag = /spark\.yarn\.tags=(tutti-[\w-]+)/.exec(spark.args().join("\n"))?.[1];
  expect(spark.args()).toContain("spark.yarn.submit.waitAppCompletion=false");
  expect(rm.asked[0]?.path).toBe(`/ws/v1/cluster/apps?applicationTags=${tag}&user.name=etl`);
  const lines = logs.map(({ message }) => message);
  expect(lines).toEqual(expect.arrayContaining(["Uploading resource", "sum of squares: 140"]));
});

test("YARN: an application master that failed says why, and one that never came says what spark-submit said", async () => {
  const diagnostics = "User class threw exception: java.lang.IllegalStateException: no such table";
  const app = { id: "application_1_0001", state: "FINISHED", finalStatus: "FAILED", diagnostics };
  const rm = await server(({ path }) => (path.includes("Tags") ? { apps: { app: [app] } } : { app }));
  const url = (home: string) => `yarn?resource_manager=${rm.address}&spark_home=${home}`;
  await expect(
    runTask(transform, undefined, { connections: { cluster: url(sparkHome("").home) } }),
  ).rejects.toMatchObject({
    code: "SPARK_FAILED",
    message: `Spark application "application_1_0001" failed: YARN says FAILED: ${diagnostics}.`,
  });

  const empty = await server(() => ({ apps: null }));
  const { home } = sparkHome("Error: Failed to load class shop.Daily.", 101);
  const cluster = `yarn?resource_manager=${empty.address}&spark_home=${home}`;
  await expect(runTask(transform, undefined, { connections: { cluster } })).rejects.toMatchObject({
    code: "SPARK_FAILED",
    message: expect.stringMatching(/spark-submit ended with 101.*\nError: Failed to load class shop.Daily\.$/s),
  });
});

test("YARN: a cancelled task kills the application at the resource manager", async () => {
  const cancel = new AbortController();
  let state = "RUNNING";
  const app = () => ({ id: "application_1_0001", state, finalStatus: "UNDEFINED" });
  const rm = await server(({ method, path }) => {
    if (method === "PUT") state = "KILLED";
    if (path.includes("Tags")) return { apps: { app: [app()] } };
    cancel.abort();
    return { app: app() };
  });
  const cluster = `yarn?resource_manager=${rm.address}&spark_home=${sparkHome("").home}`;

  await expect(
    runTask(transform, undefined, { connections: { cluster }, signal: cancel.signal }),
  ).rejects.toMatchObject({ code: "CANCELLED" });
  expect(rm.asked.filter(({ method }) => method === "PUT")).toEqual([
    expect.objectContaining({ path: "/ws/v1/cluster/apps/application_1_0001/state", body: '{"state":"KILLED"}' }),
  ]);
});

test("Kubernetes: a pod of our own name, its log by time, its end by its phase", async () => {
  const spark = sparkHome("26/11/22 21:17:14 INFO LoggingPodStatusWatcherImpl: Deployed");
  let looks = 0;
  const api = await server(({ path }) => {
    if (/\/log\?.*sinceTime/.test(path))
      return "2026-11-22T21:00:01Z begun\n2026-11-22T21:00:02Z sum of squares: 140\n";
    if (path.includes("/log?")) return "2026-11-22T21:00:01Z begun\n";
    const phase = ++looks > 3 ? "Succeeded" : "Running";
    return { metadata: { labels: { "spark-app-selector": "spark-0123" } }, status: { phase } };
  });
  const url = `k8s://http://${api.address}?namespace=jobs&token=hunter2&spark_home=${spark.home}`;

  const { output, logs } = await runTask(transform, undefined, { connections: { cluster: url } });

  const pod = /spark\.kubernetes\.driver\.pod\.name=([\w-]+)/.exec(spark.args().join("\n"))?.[1];
  expect(output).toMatchObject({ applicationId: "spark-0123", submissionId: pod });
  expect(api.asked[0]).toMatchObject({ path: `/api/v1/namespaces/jobs/pods/${pod}`, token: "Bearer hunter2" });
  expect(logs.map(({ message }) => message).filter((line) => /begun|sum/.test(line))).toEqual([
    "begun",
    "sum of squares: 140",
  ]);
});

test("Kubernetes: a driver that failed says how, a cancelled one has its pod deleted", async () => {
  const terminated = { exitCode: 137, reason: "OOMKilled" };
  const failed = { status: { phase: "Failed", containerStatuses: [{ state: { terminated } }] } };
  const api = await server(({ path }) => (path.includes("/log?") ? "" : failed));
  const url = (address: string) => `k8s://http://${address}?spark_home=${sparkHome("").home}`;
  await expect(runTask(transform, undefined, { connections: { cluster: url(api.address) } })).rejects.toMatchObject({
    code: "SPARK_FAILED",
    message: expect.stringContaining("the pod is Failed: OOMKilled with code 137"),
  });

  const cancel = new AbortController();
  let there = true;
  const busy = await server(({ method, path }) => {
    if (method === "DELETE") there = false;
    if (path.includes("/log?")) {
      cancel.abort();
      return "";
    }
    return there ? { status: { phase: "Running" } } : undefined;
  });
  await expect(
    runTask(transform, undefined, { connections: { cluster: url(busy.address) }, signal: cancel.signal }),
  ).rejects.toMatchObject({ code: "CANCELLED" });
  expect(busy.asked.map(({ method }) => method)).toContain("DELETE");
});
