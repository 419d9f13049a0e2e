import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { HttpReceiver } from "../../../test/support/http-receiver.ts";
import { asset } from "../../authoring/asset.ts";
import { build } from "../../authoring/build.ts";
import { check } from "../../authoring/check.ts";
import { startDeclarations } from "../../authoring/connection.ts";
import { dag } from "../../authoring/dag.ts";
import { manifestHash } from "../../authoring/manifest-hash.ts";
import { task } from "../../authoring/task.ts";
import type { Workflow } from "../../authoring/workflow.ts";
import { isEndedRun } from "../../core/run-state.ts";
import { runSpanId, taskSpanId, traceIdOf } from "../../core/trace-context.ts";
import { momentWindow } from "../../core/window.ts";
import { openSqliteStore } from "../../store/sqlite/open-sqlite-store.ts";
import { fakeClock } from "../../testing/fake-clock.ts";
import { InlineHost } from "../../testing/inline-host.ts";
import { Engine } from "../engine.ts";
import { ExportQueue } from "./export-queue.ts";
import { LineageExporter } from "./lineage-exporter.ts";
import { lineageProblems } from "./lineage-schema.test-data.ts";
import type { RunObserver } from "./run-observer.ts";
import { TraceExporter } from "./trace-exporter.ts";

/** A run to its end, observed. Answers its id. */
async function observed(workflow: Workflow<never> | Workflow, observer: RunObserver): Promise<string> {
  const clock = fakeClock();
  const store = await openSqliteStore({ path: ":memory:", clock });
  const artifactsDir = mkdtempSync(join(tmpdir(), "tutti-telemetry-"));
  onTestFinished(() => rmSync(artifactsDir, { recursive: true, force: true }));
  const built = build(workflow);
  const hash = manifestHash(built.manifest);
  const version = await store.registerVersion({
    hash,
    manifest: built.manifest,
    bundle: { hash, code: "", map: null },
    file: "test",
    outside: {},
    createdAt: clock.now(),
  });
  const engine = new Engine({
    store,
    clock,
    host: new InlineHost(built, { artifactsDir, clock }),
    codeFile: async () => "",
    logs: { write: (line) => observer.logged(line), flush() {} },
    onApplied: (run, transitions) => observer.applied(run, transitions, isEndedRun(run.model.header.state)),
  });
  const id = await engine.submit({
    version,
    params: undefined,
    window: momentWindow(clock.now()),
    trigger: "manual",
  });
  const over = { yet: false };
  const ended = engine.ended(id).then(() => (over.yet = true));
  while (!over.yet) await clock.advance("1s");
  await ended;
  await observer.close(5_000);
  await engine.close(0);
  await store.close();
  return id;
}

const receiver = () => HttpReceiver.start((_, response) => void response.writeHead(200).end());
const common = { headers: { "x-key": "k" }, now: () => Date.now() * 1000, notice: (text: string) => expect.fail(text) };

interface SpanDocument {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
}

const attribute = ({ attributes }: Pick<SpanDocument, "attributes">, name: string): unknown =>
  Object.values(attributes.find(({ key }) => key === name)?.value ?? {})[0];

test("a run is a trace, each execution of a task a span in it, and each line of a log belongs to one", async () => {
  const heard = await receiver();
  const flaky = task("flaky", { retries: 1 }, (_: void, ctx) => {
    ctx.log.info("trying", { attempt: ctx.attempt });
    if (ctx.attempt === 1) throw new TypeError("not yet");
  });
  const waits = task("waits", (_: void, ctx) => ctx.sleep("10s"));
  const broken = task("broken", () => {
    throw Object.assign(new Error("no table"), { code: "NO_TABLE" });
  });
  const never = task("never", () => 1);
  const w = dag("w", {}, () => {
    flaky();
    waits();
    never().after(broken());
  });
  const resource = { "service.name": "tutti", "process.pid": 1, "service.version": null };
  const exporter = new TraceExporter({ ...common, url: heard.url("/otlp/"), resource, logs: true });
  const id = await observed(w, exporter);
  expect(heard.received.every(({ method, headers }) => method === "POST" && headers["x-key"] === "k")).toBe(true);
  expect([...new Set(heard.received.map(({ path }) => path))].toSorted()).toEqual(["/otlp/v1/logs", "/otlp/v1/traces"]);
  const bodies = (path: string) =>
    heard.received.filter((request) => request.path === path).map(({ body }) => JSON.parse(body) as never);
  const spans = (
    bodies("/otlp/v1/traces") as {
      resourceSpans: { scopeSpans: { spans: SpanDocument[] }[]; resource: SpanDocument }[];
    }[]
  ).flatMap(({ resourceSpans: [only] }) => {
    expect(attribute(only!.resource, "service.name")).toBe("tutti");
    return only!.scopeSpans[0]!.spans;
  });
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([traceIdOf(id)]));
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
  expect(
    spans.map((span) => `${span.name} ${String(attribute(span, "tutti.state"))} ${span.status.code ?? 0}`).toSorted(),
  ).toEqual([
    "broken failed 2",
    "flaky succeeded 0",
    "flaky up_for_retry 2",
    "w failed 2",
    "waits deferred 0",
    "waits succeeded 0",
  ]);
  const root = spans.find(({ name }) => name === "w")!;
  expect(root).toMatchObject({ spanId: runSpanId(1) });
  expect(root.parentSpanId).toBeUndefined();
  for (const span of spans) {
    if (span !== root) expect(span.parentSpanId).toBe(root.spanId);
    expect(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano)).toBe(true);
    expect(BigInt(span.startTimeUnixNano) >= BigInt(root.startTimeUnixNano)).toBe(true);
  }
  const failed = spans.find(({ name }) => name === "broken")!;
  expect([attribute(failed, "error.type"), failed.status.message]).toEqual(["NO_TABLE", "no table"]);
  const [last, first] = spans
    .filter(({ name }) => name === "waits")
    .map((span) => span.startTimeUnixNano)
    .toSorted()
    .toReversed();
  expect(BigInt(last!) - BigInt(first!)).toBeGreaterThanOrEqual(10_000_000_000n);

  const logs = (
    bodies("/otlp/v1/logs") as {
      resourceLogs: { scopeLogs: { logRecords: (SpanDocument & { body: unknown; severityText: string })[] }[] }[];
    }[]
  ).flatMap(({ resourceLogs }) => resourceLogs[0]!.scopeLogs[0]!.logRecords);
  expect(logs.map(({ body, severityText, traceId }) => [body, severityText, traceId])).toEqual([
    [{ stringValue: "trying" }, "INFO", traceIdOf(id)],
    [{ stringValue: "trying" }, "INFO", traceIdOf(id)],
  ]);
  const taskRun = Number(attribute(logs[0]!, "tutti.task_run"));
  expect(logs.map(({ spanId }) => spanId)).toEqual([taskSpanId(taskRun, 1), taskSpanId(taskRun, 2)]);
  expect(attribute(logs[1]!, "attempt")).toBe("2");
});

interface LineageDocument {
  readonly eventType: string;
  readonly eventTime: string;
  readonly run: { readonly runId: string; readonly facets: Record<string, { _schemaURL: string }> };
  readonly job: { readonly namespace: string; readonly name: string };
  readonly inputs: readonly { namespace: string; name: string }[];
  readonly outputs: readonly {
    namespace: string;
    name: string;
    facets: Record<string, unknown>;
    outputFacets?: unknown;
  }[];
}

test("a run, and each task that makes or reads assets, begin and end in the lineage, with what was made from what", async () => {
  const heard = await receiver();
  startDeclarations();
  const orders = asset("postgres://db:5432/shop/orders");
  const sales = asset("sales", { owner: "data", description: "By day." });
  check(sales, { name: "rows" }, () => true);
  const load = task("load", { consumes: orders, produces: sales }, (_: void, ctx) =>
    ctx.materialized(sales, { rows: 12 }, { partition: "2025-08-12" }),
  );
  const broken = task("broken", { produces: asset("never") }, () => {
    throw new Error("no table");
  });
  const plain = task("plain", () => 1);
  const w = dag("retail", { description: "Daily." }, () => {
    load();
    broken();
    plain();
  });
  const exporter = new LineageExporter({ ...common, url: heard.url("/api/v1/lineage"), namespace: "shop" });
  await observed(w, exporter);
  const events = heard.received.map(({ body }) => JSON.parse(body) as LineageDocument);
  for (const event of events) expect(lineageProblems(event)).toEqual([]);
  const words = events.map(({ eventType, job }) => `${eventType} ${job.name}`);
  expect(words.toSorted()).toEqual([
    "COMPLETE retail.load",
    "FAIL retail",
    "FAIL retail.broken",
    "START retail",
    "START retail.broken",
    "START retail.load",
  ]);
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  for (const { run, job, eventTime } of events) {
    expect(run.runId).toMatch(uuid);
    expect(job.namespace).toBe("shop");
    expect(new Date(eventTime).toISOString()).toBe(eventTime);
  }
  const [run] = events;
  const done = events.find(({ eventType }) => eventType === "COMPLETE")!;
  const begun = events.find(({ eventType, job }) => eventType === "START" && job.name === "retail.load")!;
  expect(begun.run.runId).toBe(done.run.runId);
  expect(done.run.facets["parent"]).toMatchObject({
    run: { runId: run!.run.runId },
    job: { namespace: "shop", name: "retail" },
  });
  expect(done.inputs).toEqual([{ namespace: "postgres://db:5432", name: "shop/orders" }]);
  expect(done.outputs).toMatchObject([
    {
      namespace: "shop",
      name: "sales",
      facets: {
        documentation: { description: "By day." },
        ownership: { owners: [{ name: "data", type: "OWNER" }] },
        tutti_materialization: {
          partition: "2025-08-12",
          metadata: { rows: 12 },
          checks: [{ check: "rows", status: "pass" }],
        },
      },
      outputFacets: { outputStatistics: { rowCount: 12 } },
    },
  ]);
  const failed = events.find(({ eventType, job }) => eventType === "FAIL" && job.name === "retail.broken")!;
  expect([failed.outputs, failed.run.facets["errorMessage"]]).toMatchObject([[], { message: "no table" }]);
  expect(events.find(({ eventType, job }) => eventType === "FAIL" && job.name === "retail")!.outputs).toEqual([]);
});

test("what a receiver does not take now is sent again; what it never takes is dropped, said once, and counted", async () => {
  const heard = await HttpReceiver.start(
    (_, response) => void response.writeHead(503).end(),
    (_, response) => void response.writeHead(200).end(),
    (_, response) => void response.writeHead(400).end(),
  );
  const said: string[] = [];
  const queue = new ExportQueue<number>({
    what: "Traces",
    url: heard.url("/v1/traces"),
    headers: {},
    encode: (items) => JSON.stringify(items),
    batch: 2,
    notice: (text) => said.push(text),
  });
  for (const item of [1, 2, 3, 4, 5]) queue.add(item);
  await expect.poll(() => heard.received.length, { timeout: 10_000 }).toBe(4);
  await queue.close(1_000);
  expect(heard.received.map(({ body }) => body)).toEqual(["[1,2]", "[1,2]", "[3,4]", "[5]"]);
  expect(said).toEqual([expect.stringMatching(/^Traces could not be sent: the receiver answers 400\. 2 dropped/)]);
});
