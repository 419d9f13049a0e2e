import { afterAll, beforeAll, expect, test } from "vitest";
import { postgresProject } from "../support/postgres-project.ts";
import { PostgresServer } from "../support/postgres-server.ts";

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.stop());

const PIPELINE = `
import { asset, dag, partitions, task } from "tutti";
const sales = asset("sales", { partitions: partitions.static(["emea", "apac"]) });
const load = task("load", { produces: sales }, (_: void, ctx) => ctx.partition?.key);
export const regions = dag("regions", {}, () => void load());
`;

test("a run by hand makes one partition, by a scheduler somewhere or here, and one of a backfill is listed beside it", async () => {
  const project = await postgresProject(server, { "pipelines/regions.ts": PIPELINE });
  const json = async (...args: string[]) => JSON.parse((await project.tutti([...args, "--json"])).stdout) as never;
  const made = (partition: string) => ({ run: { state: "succeeded", partition }, tasks: [{ output: partition }] });
  expect(await json("run", "regions", "--partition", "emea", "--here")).toMatchObject(made("emea"));
  const started = project.start(["start"]);
  await started.saw(/^Process/);
  expect(await json("run", "regions", "--partition", "apac")).toMatchObject(made("apac"));
  await json("backfill", "regions", "--partition", "apac");
  expect(await json("runs", "--select", "partition:apac")).toMatchObject([
    { partition: "apac", trigger: "backfill" },
    { partition: "apac", trigger: "manual" },
  ]);
  expect(await json("assets", "history", "sales")).toMatchObject(
    ["apac", "apac", "emea"].map((partition) => ({ partition })),
  );
  started.kill("SIGTERM");
  await started.ended;
}, 60_000);
