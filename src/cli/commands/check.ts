import { resolve } from "node:path";
import { loadConfig } from "../../loader/config.ts";
import type { LoadError } from "../../loader/load-error.ts";
import { loadFile, loadProject } from "../../loader/load.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { plural } from "../output/counts-text.ts";
import { printLoadErrors } from "../output/load-errors.ts";

export const check = defineCommand({
  name: "check",
  description: "Load the configuration and every pipeline file, and say what is wrong",
  args: {
    file: { type: "string", description: "Only this pipeline file", valueHint: "path" },
    json: JSON_ARG,
  },
  examples: [
    ["tutti check", "exit status 1 when anything is wrong: for CI and before a commit"],
    ["tutti check --file pipelines/retail.ts", "one file"],
  ],
  async run(args, { cwd, out }) {
    const config = await loadConfig({ cwd });
    const { names, errors, notes, files } = await load(
      config,
      args.file === undefined ? null : resolve(cwd, args.file),
    );
    if (args.json)
      out.json({
        ok: errors.length === 0,
        files,
        workflows: names,
        errors: errors.map((error) => error.toJSON()),
        notes,
      });
    else {
      printLoadErrors(out, errors);
      for (const note of notes) out.line(`${out.style("yellow", "!")} ${note}`);
      const what = `${plural(names.length, "workflow")} in ${plural(files, "file")}`;
      out.line(
        errors.length === 0
          ? `${out.style("green", "✓")} ${what}`
          : `${plural(errors.length, "problem")}; ${what} are fine`,
      );
    }
    return errors.length === 0 ? STATUS.succeeded : STATUS.failed;
  },
});

interface Checked {
  readonly names: readonly string[];
  readonly errors: readonly LoadError[];
  readonly notes: readonly string[];
  readonly files: number;
}

async function load(config: Parameters<typeof loadProject>[0], file: string | null): Promise<Checked> {
  if (file === null) {
    const { workflows, errors, notes, files } = await loadProject(config);
    return { names: [...workflows.keys()].sort(), errors, notes, files: files.length };
  }
  const { workflows, errors } = await loadFile(file, config);
  return { names: workflows.map(({ name }) => name), errors, notes: [], files: 1 };
}
