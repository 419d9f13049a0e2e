import { TuttiError } from "../core/errors.ts";
import type { FiredRun } from "../engine/firing/firing.ts";
import type { Config } from "../loader/config.ts";
import { loadProject } from "../loader/load.ts";
import type { LoadError } from "../loader/load-error.ts";
import { type ProcessRole, WORK_ROLES } from "../store/process-list.ts";
import { FleetMember } from "./fleet/fleet-member.ts";
import { PresentMember } from "./fleet/present-member.ts";
import { StayingOwner } from "./staying-owner.ts";

export interface StayOptions {
  readonly config: Config;
  /** What the user typed. */
  readonly command: string;
  readonly roles: readonly ProcessRole[];
  /** The queues whose tasks run here. */
  readonly queues: readonly string[];
  /** Tasks at once. Default: as the configuration says. */
  readonly slots?: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly notice: (text: string) => void;
  /** A schedule has started a run here. Default: nobody is told. */
  readonly onFired?: ((fired: FiredRun) => void) | undefined;
  /** A pipeline file that does not load: its last good version goes on. Only where the process reads them. */
  readonly onLoadErrors: (errors: readonly LoadError[]) => void;
}

/** A process that works on a store until it is told to stop. */
export interface Staying {
  readonly name: string;
  /** Tasks at once; 0: it runs none. */
  readonly slots: number;
  /** Rejects when it must not go on. */
  readonly failed: Promise<never>;
  /** Takes nothing more, lets running tasks end for up to `graceMs`, and gives everything back that it holds. */
  close(graceMs: number): Promise<void>;
}

/**
 * Begins to work on the project's store: as its owner (SQLite), or as one of many (PostgreSQL).
 * @throws TuttiError `STORE_ON_ONE_MACHINE`; as `FleetMember.open`
 */
export async function stay(options: StayOptions): Promise<Staying> {
  const place = options.config.store;
  const works = WORK_ROLES.some((role) => options.roles.includes(role));
  if (place.kind === "postgres")
    return works ? FleetMember.open({ ...options, place }) : PresentMember.open(options, place);
  if (!WORK_ROLES.every((role) => options.roles.includes(role)))
    throw new TuttiError(
      "STORE_ON_ONE_MACHINE",
      `A SQLite store has one process that schedules and works: run "tutti start" without --role. For several, use PostgreSQL: store: "postgres://…" in the configuration.`,
    );
  const owner = await StayingOwner.open(options, place.path);
  try {
    const project = await loadProject(options.config);
    if (project.errors.length > 0) options.onLoadErrors(project.errors);
    await owner.deploy(project);
    await owner.begin();
    await owner.tellLoadErrors(project);
    return owner;
  } catch (error) {
    await owner.close(0);
    throw error;
  }
}
