import { TuttiError } from "../core/errors.ts";
import { diffManifests, type ManifestDiff } from "../core/manifest-diff.ts";
import type { LoadError } from "../loader/load-error.ts";
import type { LoadedProject } from "../loader/loaded-project.ts";
import { ProjectWatch } from "../loader/project-watch.ts";
import type { DeploymentChange, DeploymentResult } from "../store/deployment.ts";
import type { Staying } from "./stay.ts";
import { type OwnOptions, StayingOwner } from "./staying-owner.ts";

export interface DevelopOptions extends OwnOptions {
  /** What a saved file has changed, beginning with the project as it is found. */
  readonly onSaved: (saved: SavedChange) => void;
  /** Everything that is wrong now, after each save. Default: nobody is told. */
  readonly onErrors?: (errors: readonly LoadError[]) => void;
}

export interface SavedChange {
  readonly workflows: readonly ChangedWorkflow[];
  /** What is wrong now and was not before, with each time that it is wrong in another way. */
  readonly errors: readonly LoadError[];
  /** Files that were wrong and load again. */
  readonly mended: readonly string[];
}

export interface ChangedWorkflow {
  readonly name: string;
  readonly change: Exclude<DeploymentChange, "unchanged"> | "retired";
  /** The hash of the version that is the latest now; `null`: it was retired. */
  readonly version: string | null;
  readonly file: string | null;
  /** How its graph differs from that of the version before, where this process has seen that one. */
  readonly diff: ManifestDiff | null;
}

/**
 * Works on a project's store as its owner, and makes each saved file the latest version; one that does not load keeps its
 * last good one.
 * @throws TuttiError `STORE_ON_ONE_MACHINE` for a PostgreSQL store; as `StayingOwner.open`
 */
export async function develop(options: DevelopOptions): Promise<Staying> {
  const { config, notice } = options;
  if (config.store.kind !== "sqlite")
    throw new TuttiError(
      "DEV_ON_ONE_MACHINE",
      `"tutti dev" makes every saved file the latest version, which others on a shared store would get at once. Give it a store of its own: TUTTI_STORE=.tutti/dev.db tutti dev`,
    );
  const watch = new ProjectWatch({
    ...config,
    onConfigChange: () => notice("The configuration has changed: start tutti dev again to take it."),
  });
  try {
    const owner = await StayingOwner.open(options, config.store.path);
    try {
      return await developing(owner, watch, new Saves(options.onSaved), options.onErrors ?? (() => {}));
    } catch (error) {
      await owner.close(0);
      throw error;
    }
  } catch (error) {
    watch.close();
    throw error;
  }
}

async function developing(
  owner: StayingOwner,
  watch: ProjectWatch,
  saves: Saves,
  onErrors: (errors: readonly LoadError[]) => void,
): Promise<Staying> {
  const follow = async (project: LoadedProject | null) => {
    if (project === null) return false;
    saves.tell(project, await owner.deploy(project));
    onErrors(project.errors);
    return true;
  };
  await follow(await watch.next());
  await owner.begin();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  owner.failed.catch(failure.reject);
  const following = (async () => {
    while (await follow(await watch.next()));
  })().catch(failure.reject);
  return {
    name: owner.name,
    slots: owner.slots,
    failed: failure.promise,
    async close(graceMs) {
      watch.close();
      await following;
      await owner.close(graceMs);
    },
  };
}

/** What is new in a project, compared with the time before. */
class Saves {
  readonly #tell: (saved: SavedChange) => void;
  #before: LoadedProject | null = null;

  constructor(tell: (saved: SavedChange) => void) {
    this.#tell = tell;
  }

  tell(project: LoadedProject, { workflows, retired }: DeploymentResult): void {
    const before = this.#before;
    this.#before = project;
    const told = new Set(before?.errors.map(({ where, message }) => `${where} ${message}`));
    const wrong = new Set(project.errors.map(({ file }) => file));
    const saved: SavedChange = {
      workflows: [
        ...workflows.flatMap(({ version: { manifest, hash, file }, change }): ChangedWorkflow[] => {
          if (change === "unchanged") return [];
          const known = before?.workflows.get(manifest.name)?.version.manifest;
          const diff = known === undefined ? null : diffManifests(known, manifest);
          return [{ name: manifest.name, change, version: hash, file, diff }];
        }),
        ...retired.map((name): ChangedWorkflow => ({ name, change: "retired", version: null, file: null, diff: null })),
      ],
      errors: project.errors.filter(({ where, message }) => !told.has(`${where} ${message}`)),
      mended: [...new Set(before?.errors.map(({ file }) => file))].filter((file) => !wrong.has(file)),
    };
    if (saved.workflows.length + saved.errors.length + saved.mended.length > 0) this.#tell(saved);
  }
}
