import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseDuration } from "../../src/core/duration.ts";
import { resolveConfig } from "../../src/loader/config.ts";
import { CONFIG_FIELDS } from "../../src/loader/config-fields.ts";
import { expectGenerated, markdownTable } from "./generated-part.ts";
import { ROOT } from "./page.ts";

const PAGE = "docs/operate/configuration.md";
const SOURCE = readFileSync(join(ROOT, "src/loader/define-config.ts"), "utf8");

interface Field {
  readonly name: string;
  readonly type: string;
  readonly variable: string | null;
  readonly about: string;
  readonly byDefault: string | null;
}

/** The fields of an interface in define-config.ts, as their docstrings tell about them. */
function fieldsOf(name: string): Field[] {
  const body = new RegExp(`interface ${name} \\{\\n(.*?)^\\}`, "ms").exec(SOURCE)?.[1] ?? "";
  return [...body.matchAll(/\/\*\* (.*?) \*\/\n {2}readonly (\w+)\?: (.*?);/g)].map(
    ([, docs = "", field = "", type = ""]) => ({
      name: field,
      type,
      variable: /`(TUTTI_[A-Z_]+)`/.exec(docs)?.[1] ?? null,
      about: docs
        .replace(/ ?Default: .*$/, "")
        .replace(/ `TUTTI_[A-Z_]+`(?:\.|, (.*)\.)$/, (_, how?: string) => (how ? ` As a variable ${how}.` : "")),
      byDefault: /Default: (.*)\.$/.exec(docs)?.[1] ?? null,
    }),
  );
}

const defaultsOf = (name: string) => new Map(fieldsOf(name).map(({ name, byDefault }) => [name, byDefault ?? ""]));

/** `none`: what stands for no variable. */
const rowOf = ({ name, type, variable, about, byDefault }: Field, none: string[]): string[] => [
  `\`${name}\``,
  `\`${type.replaceAll("|", "\\|")}\``,
  ...(variable === null ? none : [`\`${variable}\``]),
  byDefault ?? "see below",
  about,
];

test("the table of the configuration has every field with its variable and default", () => {
  const fields = fieldsOf("TuttiConfig");
  const head = ["field", "type", "variable", "default", "what it says"];
  expectGenerated(
    PAGE,
    "fields",
    markdownTable(
      head,
      fields.map((field) => rowOf(field, ["–"])),
    ),
  );
  expectGenerated(
    PAGE,
    "retention",
    markdownTable(
      ["kind", "type", "default", "what is kept"],
      fieldsOf("RetentionConfig").map((field) => rowOf(field, [])),
    ),
  );
});

test("the docstrings name the variables that are read", () => {
  const said = fieldsOf("TuttiConfig").map(({ name, variable }) => [name, variable]);
  const read = Object.entries(CONFIG_FIELDS).map(([name, { variable }]) => [name, variable]);
  expect(Object.fromEntries(said)).toEqual({
    ...Object.fromEntries(read),
    connections: "TUTTI_CONNECTION_ORDERS",
    alerts: null,
    webhooks: null,
  });
});

test("the docstrings name the defaults that hold", () => {
  const config = resolveConfig({ root: "/p", configFile: null, written: {}, env: {}, cwd: "/p", flags: {} });
  const said = defaultsOf("TuttiConfig");
  const text = (name: string) => JSON.parse(said.get(name)!.split(" ")[0]!.replaceAll("`", "")) as string;
  const number = (name: string) => Number(said.get(name)!.split(" ")[0]!.replaceAll(",", ""));
  expect({
    pipelines: text("pipelines"),
    state: text("state"),
    store: text("store"),
    artifacts: text("artifacts"),
    logs: text("logs"),
  }).toEqual({
    pipelines: config.pipelinesDir.slice("/p/".length),
    state: config.stateDir.slice("/p/".length),
    store: (config.store as { path: string }).path.slice("/p/.tutti/".length),
    artifacts: config.artifactsDir.slice("/p/.tutti/".length),
    logs: config.logsDir.slice("/p/.tutti/".length),
  });
  for (const name of ["tasksPerChild", "childVersions", "maxValueBytes", "logLimitBytes"] as const)
    expect([name, number(name)]).toEqual([name, config[name]]);
  expect([parseDuration(text("loadTimeout")), parseDuration(text("grace"))]).toEqual([
    config.loadTimeoutMs,
    config.graceMs,
  ]);
  const kept = [...defaultsOf("RetentionConfig")].map(([kind, said]) => [
    kind,
    parseDuration(JSON.parse(said.replaceAll("`", ""))),
  ]);
  expect(Object.fromEntries(kept)).toEqual(config.retention);
});
