import { describe, expect, test } from "vitest";
import { tempProject } from "../support/temp-project.ts";
import { tutti } from "../support/tutti-process.ts";
import { started } from "./started.ts";

const receiver = started("telemetry");

const PIPELINE = `
import { asset, check, dag, task } from "tutti";
import { shell } from "tutti/shell";
const orders = asset("postgres://db:5432/shop/orders");
const sales = asset("warehouse://sales/daily", { owner: "data", description: "By day." });
check(sales, { name: "rows" }, () => true);
const load = task("load", { consumes: orders, produces: sales, description: "Loads." }, (_: void, ctx) => {
  ctx.log.info("loading", { rows: 12 });
  ctx.materialized(sales, { rows: 12 }, { partition: ctx.date });
});
const told = task("told", async (_: void, ctx) => { await shell(ctx)\`echo parent $TRACEPARENT\`; });
const broken = task("broken", { produces: asset("never"), allowFailure: true }, () => { throw new Error("no table"); });
export default dag("retail", { description: "Daily." }, () => { load(); told(); broken(); });
`;

interface Received {
  readonly spans: readonly {
    trace: string;
    span: string;
    parent: string;
    name: string;
    status: number;
    service: string;
  }[];
  readonly logs: readonly { trace: string; span: string; body: string }[];
  readonly lineage: readonly { eventType: string; job: { name: string } }[];
  readonly refused: readonly string[];
}

describe.skipIf(receiver === null)("what is told outside of a run", () => {
  test("is read by the libraries of OpenTelemetry and OpenLineage, and what a command is told of its span is that span", async () => {
    const { dir } = tempProject({ "pipelines/retail.ts": PIPELINE });
    const { url = "" } = receiver ?? {};
    const env = { TUTTI_TELEMETRY: url, TUTTI_LINEAGE: url, OTEL_SERVICE_NAME: "shop" };
    expect(await tutti(["run", "retail"], { cwd: dir, env })).toMatchObject({ code: 0 });
    const { spans, logs, lineage, refused } = (await (await fetch(`${url}/received`)).json()) as Received;
    expect(refused).toEqual([]);
    expect(spans.map(({ name, status, service }) => `${name} ${status} ${service}`).toSorted()).toEqual([
      "broken 2 shop",
      "load 0 shop",
      "retail 0 shop",
      "told 0 shop",
    ]);
    const root = spans.find(({ name }) => name === "retail")!;
    expect(spans.every(({ trace }) => trace === root.trace)).toBe(true);
    expect(spans.filter((span) => span !== root).every(({ parent }) => parent === root.span)).toBe(true);
    const { span } = spans.find(({ name }) => name === "told")!;
    expect(logs).toContainEqual({ trace: root.trace, span, body: `parent 00-${root.trace}-${span}-01` });
    expect(lineage.map(({ eventType, job }) => `${eventType} ${job.name}`).toSorted()).toEqual([
      "COMPLETE retail",
      "COMPLETE retail.load",
      "FAIL retail.broken",
      "START retail",
      "START retail.broken",
      "START retail.load",
    ]);
  });
});
