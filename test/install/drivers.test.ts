import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { tempProject, type TempProject } from "../support/temp-project.ts";
import { tutti } from "../support/tutti-process.ts";

const ROOT = join(import.meta.dirname, "..", "..");

interface Locked {
  readonly packages: Readonly<
    Record<string, { readonly dev?: true; readonly peer?: true; readonly devOptional?: true }>
  >;
}

/** A project with the package as a user gets it: what it depends on, and no driver. */
function withoutDrivers(files: Readonly<Record<string, string>>): TempProject {
  const project = tempProject({ "package.json": "{}", ...files });
  for (const part of ["package.json", "bin", "dist"])
    cpSync(join(ROOT, part), project.path(`node_modules/tutti/${part}`), { recursive: true });
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as Locked;
  for (const [path, { dev, peer, devOptional }] of Object.entries(packages)) {
    if (path === "" || path.lastIndexOf("node_modules/") > 0 || dev || peer || devOptional) continue;
    mkdirSync(dirname(project.path(path)), { recursive: true });
    symlinkSync(join(ROOT, path), project.path(path));
  }
  return project;
}

const DRIVERS = {
  postgres: {
    url: "postgres://u:hunter2@127.0.0.1:1/shop",
    use: "sql",
    install: "npm install pg pg-cursor pg-copy-streams",
  },
  duckdb: { url: "duckdb::memory:", use: "sql", install: "npm install @duckdb/node-api" },
  snowflake: { url: "snowflake://u:hunter2@account/db", use: "sql", install: "npm install snowflake-sdk" },
  s3: { url: "s3://bucket/x", use: "objectStore", install: "npm install @aws-sdk/client-s3" },
  gcs: { url: "gs://bucket/x", use: "objectStore", install: "npm install @google-cloud/storage" },
  azure: {
    url: "az://account/container?account_key=aHVudGVyMg==",
    use: "objectStore",
    install: "npm install @azure/storage-blob",
  },
  smtp: { url: "smtp://u:hunter2@127.0.0.1:1?from=a@example.com", use: "email", install: "npm install nodemailer" },
} as const;

const CALLS = {
  sql: (name: string) => `sql("${name}").query\`select 1\``,
  objectStore: (name: string) => `objectStore("${name}").head("x")`,
  email: () => `email("b@example.com").send("x")`,
};

test("a driver that is not installed fails its task with the command that installs it", async () => {
  const handles = Object.entries(DRIVERS).map(([name, { use }]) => {
    const [made = "", call = ""] = CALLS[use](name).split(/(?<=\))\./);
    return `const ${name} = ${made};\nconst use_${name} = task("${name}", () => ${name}.${call} as Promise<unknown>);`;
  });
  const project = withoutDrivers({
    "pipelines/all.ts": [
      'import { dag, task } from "tutti";',
      'import { sql } from "tutti/sql";\nimport { objectStore } from "tutti/object-store";\nimport { email } from "tutti/email";',
      ...handles,
      `export default dag("all", {}, () => { ${Object.keys(DRIVERS)
        .map((name) => `use_${name}();`)
        .join(" ")} });`,
    ].join("\n"),
  });
  const env = Object.fromEntries(
    Object.entries(DRIVERS).map(([name, { url }]) => [`TUTTI_CONNECTION_${name.toUpperCase()}`, url]),
  );
  const bin = project.path("node_modules/tutti/bin/tutti.mjs");

  const { code, stdout, stderr } = await tutti(["run", "all", "--json"], { cwd: project.dir, env, bin });

  expect([code, stderr]).toEqual([1, ""]);
  const { tasks } = JSON.parse(stdout) as { tasks: { name: string; error: { code: string; message: string } }[] };
  const told = Object.fromEntries(tasks.map(({ name, error }) => [name, error]));
  for (const [name, { install }] of Object.entries(DRIVERS))
    expect(told[name], name).toMatchObject({ code: "DRIVER_MISSING", message: expect.stringContaining(install) });
  expect(stdout).not.toContain("hunter2");
});
