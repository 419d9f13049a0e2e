import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { placeOf } from "../../core/package-place.ts";
import { tuttiVersion } from "../../loader/tutti-release.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { UsageError } from "../usage-error.ts";

const TEMPLATE = fileURLToPath(placeOf("cli/templates/init/"));

export const init = defineCommand({
  name: "init",
  description: "Make a working project in a folder: a first pipeline, a test and a configuration",
  args: {
    folder: { type: "positional", description: "Where (default: asked on a terminal, else here)", required: false },
    json: JSON_ARG,
  },
  examples: [["tutti init my-pipelines", "then: cd my-pipelines && npm install && npx tutti run hello"]],
  async run(args, { cwd, out }) {
    const asked = args.folder ?? (process.stdin.isTTY && process.stdout.isTTY && !args.json ? await askFolder() : ".");
    if (asked === null) return STATUS.interrupted;
    const folder = resolve(cwd, asked);
    const files = await templateFiles(folder);
    const inTheWay = [...files.keys()].filter((file) => existsSync(join(folder, file)));
    if (inTheWay.length > 0)
      throw new UsageError(
        `"${asked}" already has ${inTheWay.map((file) => `"${file}"`).join(", ")}. Nothing was written. Choose another folder, or move ${inTheWay.length === 1 ? "it" : "them"} away.`,
        "FILES_IN_THE_WAY",
      );
    for (const [file, text] of files) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      // Never over a file that appeared meanwhile.
      await writeFile(join(folder, file), text, { flag: "wx" });
    }
    if (args.json) out.json({ folder, files: [...files.keys()] });
    else {
      out.line(`Made ${files.size} files in ${asked === "." ? "this folder" : `"${asked}"`}:`);
      for (const file of files.keys()) out.line(`  ${file}`);
      out.line();
      const steps = [...(folder === cwd ? [] : [`cd ${relative(cwd, folder)}`]), "npm install", "npx tutti run hello"];
      out.line(`Next: ${out.style("cyan", steps.join(" && "))}`);
    }
    return STATUS.succeeded;
  },
});

/** `null`: the user left. */
async function askFolder(): Promise<string | null> {
  const { isCancel, text } = await import("@clack/prompts");
  const answer = await text({
    message: "Where should the project be?",
    placeholder: "my-pipelines",
    defaultValue: "my-pipelines",
  });
  return isCancel(answer) ? null : answer;
}

/** By path in the new project. A leading underscore keeps a file's name from meaning something in our own sources. */
async function templateFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(TEMPLATE, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(TEMPLATE, join(entry.parentPath, entry.name)))
    .sort();
  const name =
    basename(folder)
      .toLowerCase()
      .replaceAll(/[^a-z0-9._-]+/g, "-")
      .replace(/^[._-]+|-+$/g, "") || "pipelines";
  const files = new Map<string, string>();
  for (const path of paths) {
    const text = await readFile(join(TEMPLATE, path), "utf8");
    files.set(targetName(path), text.replaceAll("{{name}}", name).replaceAll("{{version}}", tuttiVersion()));
  }
  return files;
}

const targetName = (path: string): string =>
  path
    .replaceAll("\\", "/")
    .replace(/(^|\/)_package\.json$/, "$1package.json")
    .replace(/(^|\/)_tsconfig\.json$/, "$1tsconfig.json")
    .replace(/(^|\/)_gitignore$/, "$1.gitignore");
