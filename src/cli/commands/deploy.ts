import { systemClock } from "../../core/clock.ts";
import { TuttiError } from "../../core/errors.ts";
import { type Config, loadConfig } from "../../loader/config.ts";
import { type LoadedProject, loadProject } from "../../loader/load.ts";
import { openSession } from "../../owner/open-session.ts";
import { type DeploymentChange, planDeployment } from "../../store/deployment.ts";
import type { NewVersion } from "../../store/store.ts";
import { asUser } from "../as-user.ts";
import { type CommandContext, defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { printLoadErrors } from "../output/load-errors.ts";
import { plural } from "../output/counts-text.ts";
import { printTable } from "../output/table.ts";
import { reading } from "../reading.ts";

interface Deployed {
  readonly workflows: readonly { readonly version: NewVersion; readonly change: DeploymentChange }[];
  readonly retired: readonly string[];
}

export const deploy = defineCommand({
  name: "deploy",
  description: "Register every workflow of the project as the latest, and retire what is gone: all of it, or nothing",
  args: {
    "dry-run": { type: "boolean", description: "Only say what would change" },
    json: JSON_ARG,
  },
  examples: [
    ["tutti deploy --dry-run", "what would change"],
    ["tutti deploy", "runs that have begun keep their version; new ones take this"],
  ],
  async run(args, context) {
    const { cwd, out } = context;
    const config = await loadConfig({ cwd });
    const project = await loadProject(config);
    if (project.errors.length > 0) {
      if (args.json) out.json({ ok: false, errors: project.errors.map((error) => error.toJSON()) });
      else printLoadErrors(out, project.errors);
      out.note(`Nothing was deployed: ${plural(project.errors.length, "problem")}.`);
      return STATUS.failed;
    }
    const versions = versionsOf(project);
    const dryRun = args["dry-run"] === true;
    const { workflows, retired } = await (dryRun ? planned(config, versions) : done(config, versions, context));
    if (args.json) {
      out.json({
        ok: true,
        dryRun,
        workflows: workflows.map(({ version: { manifest, hash, file }, change }) => ({
          name: manifest.name,
          version: hash,
          file,
          change,
        })),
        retired,
      });
      return STATUS.succeeded;
    }
    const rows = [
      ...workflows.map(({ version: { manifest, file }, change }) => ({ change, name: manifest.name, file })),
      ...retired.map((name) => ({ change: "retired" as const, name, file: "" })),
    ];
    printTable(out, rows, [
      { head: "workflow", cell: ({ name }) => out.style("bold", name) },
      { head: "change", cell: ({ change }) => (change === "unchanged" ? out.style("dim", change) : change) },
      { head: "file", cell: ({ file }) => file },
    ]);
    const changed = rows.filter(({ change }) => change !== "unchanged").length;
    out.line(
      `${plural(workflows.length, "workflow")}, ${changed === 0 ? "nothing changed" : plural(changed, "change")}.`,
    );
    if (dryRun) out.note("Nothing was deployed. To do it: tutti deploy");
    return STATUS.succeeded;
  },
});

/** @throws TuttiError `NOTHING_TO_DEPLOY`: a wrong folder would retire everything. */
function versionsOf({ workflows, looked, notes }: LoadedProject): readonly NewVersion[] {
  if (workflows.size === 0)
    throw new TuttiError(
      "NOTHING_TO_DEPLOY",
      `${notes[0] ?? `There is no workflow in "${looked}".`} Nothing was deployed. Is this the right folder?`,
    );
  return [...workflows.values()].map(({ version }) => version).sort(byName);
}

const byName = (a: NewVersion, b: NewVersion): number => (a.manifest.name < b.manifest.name ? -1 : 1);

async function planned(config: Config, versions: readonly NewVersion[]): Promise<Deployed> {
  const known = await reading(config, (reader) => reader.listWorkflows()).catch((error: { code?: string }) => {
    // Nothing has run in this project yet.
    if (config.store.kind === "sqlite" && error.code === "STORE_NOT_FOUND") return [];
    throw error;
  });
  const { changes, retired } = planDeployment(
    { versions },
    known.map(({ name, version, deployed, retired }) => ({ name, latest: deployed ? version : null, retired })),
  );
  return { workflows: changes, retired };
}

async function done(
  config: Config,
  versions: readonly NewVersion[],
  { typed, out }: CommandContext,
): Promise<Deployed> {
  const session = await openSession({ ...asUser(typed, out), config, serves: false });
  try {
    const { workflows, retired } = await session.deploy({ versions, at: systemClock.now() });
    return { workflows: workflows.map(({ change }, place) => ({ version: versions[place]!, change })), retired };
  } finally {
    await session.close(0);
  }
}
