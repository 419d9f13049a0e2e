import { loadConfig } from "../../loader/config.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { findTarget } from "../find-target.ts";
import { plural } from "../output/counts-text.ts";
import { graphLines } from "../output/graph-text.ts";
import { scheduleText } from "../output/schedule-text.ts";

export const show = defineCommand({
  name: "show",
  description: "Draw the graph of a workflow",
  args: {
    workflow: { type: "positional", description: "Its name", required: true },
    file: { type: "string", description: "Only this pipeline file is loaded", valueHint: "path" },
    json: { ...JSON_ARG, description: "Print the workflow's manifest" },
  },
  examples: [["tutti show retail", "each line leads to the tasks that come after"]],
  async run(args, { cwd, out }) {
    const config = await loadConfig({ cwd });
    const { name, file, version } = await findTarget(args.workflow, config, args.file, cwd);
    const { manifest } = version;
    if (args.json) {
      out.json({ name, file, version: version.hash, manifest });
      return STATUS.succeeded;
    }
    out.line(`${out.style("bold", name)}${manifest.description === null ? "" : `  ${manifest.description}`}`);
    const facts = [
      file,
      `version ${version.hash.slice(0, 8)}`,
      ...manifest.schedules.map(scheduleText),
      ...(manifest.start === null ? [] : [`from ${manifest.start}`]),
      ...(manifest.end === null ? [] : [`until ${manifest.end}`]),
    ];
    out.line(
      out.style(
        "dim",
        [
          ...facts,
          plural(manifest.tasks.length, "task"),
          ...paramsText(manifest.params?.schema ?? null, manifest.params !== null),
        ].join(" · "),
      ),
    );
    out.line();
    for (const line of graphLines(manifest, out)) out.line(line);
    return STATUS.succeeded;
  },
});

function paramsText(schema: { readonly [key: string]: unknown } | null, has: boolean): string[] {
  if (!has) return [];
  const fields = Object.entries(
    (schema?.["properties"] ?? {}) as Record<string, { type?: unknown; default?: unknown }>,
  );
  const text = fields.map(
    ([name, { type, default: byDefault }]) =>
      `${name}${typeof type === "string" ? `: ${type}` : ""}${byDefault === undefined ? "" : ` = ${JSON.stringify(byDefault)}`}`,
  );
  return [text.length === 0 ? "takes params" : `params ${text.join(", ")}`];
}
