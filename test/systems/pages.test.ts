import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pageProject } from "../support/page-project.ts";
import { tutti } from "../support/tutti-process.ts";
import { started } from "./started.ts";

const pipes = started("pipes");
const dbt = started("dbt");
const hook = started("webhook");
const smtp = started("smtp");

/** Runs the pipeline that a page shows, as the shipped command line does. */
async function runs(
  page: string,
  workflow: string,
  env: Readonly<Record<string, string>>,
  beside: Readonly<Record<string, string | undefined>> = {},
) {
  const project = pageProject(`docs/connectors/${page}.md`);
  for (const [name, to = ""] of Object.entries(beside)) symlinkSync(to, project.path(name));
  const run = await tutti(["run", workflow, "--date", "2025-08-12"], { cwd: project.dir, env });
  expect(run.code, run.stdout + run.stderr).toBe(0);
  return project;
}

test.skipIf(pipes === null)("the pipeline on the page of Python", async () => {
  const project = await runs("python", "train", {}, { ".venv": pipes?.["venv"] });
  expect(JSON.parse(project.read("model.json"))).toEqual({ date: "2025-08-12", loss: 0.125 });
});

test.skipIf(pipes === null)("the pipeline on the page of Dagster Pipes", async () => {
  await runs("pipes", "score", {}, { score: pipes?.["rust"] });
});

test.skipIf(dbt === null)("the pipeline on the page of dbt", async () => {
  await runs("dbt", "shop", {}, { ".venv": dbt?.["venv"] });
});

test.skipIf(hook === null)("the pipelines on the pages of HTTP, Slack and webhooks", async () => {
  const url = (path: string, credentials = ""): string => `http://${credentials}127.0.0.1:${hook?.["port"]}${path}`;
  await runs("http", "crm", { TUTTI_CONNECTION_CRM: url("/crm", ":token@") });
  await runs("slack", "tell", { TUTTI_CONNECTION_SLACK: url("/pages/slack") });
  await runs("webhook", "tell", { TUTTI_CONNECTION_OPS: url("/pages/hook", `:${hook?.["secret"]}@`) });
  const received = (await (await fetch(url("/received"))).json()) as { path: string; signed: unknown; body: string }[];
  const bodies = Object.fromEntries(received.map(({ path, body }) => [path, JSON.parse(body) as unknown]));
  expect(bodies["/crm/imports"]).toEqual({ day: "2025-08-12", ids: [1, 2] });
  expect(bodies["/pages/slack"]).toMatchObject({ text: "Sales of 2025-08-12 are in" });
  expect(bodies["/pages/hook"]).toMatchObject({ type: "sales.loaded", data: { day: "2025-08-12", rows: 3 } });
  expect(received.find(({ path }) => path === "/pages/hook")?.signed).toBe(true);
});

test.skipIf(smtp === null)("the pipeline on the page of e-mail", async () => {
  const { port = "", ca = "", mails = "", user = "", password = "" } = smtp ?? {};
  const before = readdirSync(mails).length;
  await runs("email", "report", {
    NODE_EXTRA_CA_CERTS: ca,
    TUTTI_CONNECTION_SMTP: `smtp://${user}:${password}@localhost:${port}?from=tutti@example.com&tls=required`,
  });
  const taken = readdirSync(mails)
    .filter((name) => name.endsWith(".json"))
    .toSorted()
    .slice(before);
  expect(taken.map((name) => readFileSync(join(mails, name), "utf8")).join()).toContain("Subject: Sales of 2025-08-12");
});
