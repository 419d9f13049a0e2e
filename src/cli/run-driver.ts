import { standingTasks } from "../core/manifest.ts";
import type { RunState } from "../core/run-state.ts";
import type { RunListener } from "../engine/run-event.ts";
import type { AnyConfig } from "../owner/any-place.ts";
import { RunFollower } from "../owner/run-follower.ts";
import type { RunView as ShownRun } from "../store/store-view.ts";
import { asUser } from "./as-user.ts";
import type { CommandContext } from "./command.ts";
import { STATUS } from "./exit-status.ts";
import { Interrupts } from "./interrupts.ts";
import type { Output } from "./output/output.ts";
import { runDocument } from "./output/run-document.ts";
import { printRunReport } from "./output/run-report.ts";
import { runTitle } from "./output/run-title.ts";
import { RunView } from "./output/run-view.ts";
import { viewingAgain } from "./reading.ts";

/** How long running tasks may go on when their process is asked to stop. */
const GRACE_MS = 30_000;

export interface DriveOptions {
  /** Nothing but documents on stdout. */
  readonly json: boolean;
  /** No lines while it runs, only how it ended. */
  readonly quiet: boolean;
  /** On PostgreSQL: the run is done in this process. */
  readonly here: boolean;
}

/** Of every command that brings runs to their end. */
export const DRIVE_ARGS = {
  quiet: { type: "boolean", alias: "q", description: "Only say how it ended" },
  here: { type: "boolean", description: "On PostgreSQL: schedule and work in this process, for this run" },
} as const;

export const driveOptions = (args: {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly here?: boolean;
}): DriveOptions => ({
  json: args.json === true,
  quiet: args.quiet === true,
  here: args.here === true,
});

/** A run as it is shown. */
export interface DrivenRun {
  readonly id: string;
  readonly title: string;
  /** Tasks of its graph. */
  readonly tasks: number;
  /** What it has done before. Default: nothing. */
  readonly known?: ShownRun["taskRuns"];
}

export type Begin = (follower: RunFollower, listener: RunListener) => Promise<RunState | "stopped">;

/** A run of the store, with what its title says. */
export function drivenRun({ run, version, taskRuns }: ShownRun, out: Output): DrivenRun {
  return {
    id: run.id,
    title: runTitle(run, out),
    tasks: standingTasks(version.manifest).length,
    known: taskRuns.filter(({ state }) => state !== "removed"),
  };
}

/** Brings runs to their end in front of the user: shows them, reports them, and stops as the user says. */
export class RunDriver {
  readonly #context: CommandContext;
  readonly #config: AnyConfig;
  readonly #options: DriveOptions;
  readonly #follower: RunFollower;
  readonly #interrupts: Interrupts;
  #stopping: Promise<void> | null = null;
  #view: RunView | null = null;

  constructor(context: CommandContext, config: AnyConfig, options: DriveOptions) {
    this.#context = context;
    this.#config = config;
    this.#options = options;
    this.#follower = new RunFollower({
      ...asUser(context.typed, context.out),
      config,
      notice: (text) => this.#note(text),
      here: options.here,
    });
    this.#interrupts = new Interrupts(() => {
      this.#stopping = this.#stop();
    });
  }

  /** The exit status of a user who has asked to stop; `null`: nobody has. */
  get interrupted(): number | null {
    return this.#interrupts.status;
  }

  /** Shows a run to its end, and how it ended. `alone`: no other run is shown at the same time. */
  async drive({ id: runId, title, tasks, known = [] }: DrivenRun, begin: Begin, alone = true): Promise<number> {
    const { out } = this.#context;
    const view = this.#options.json || this.#options.quiet || !alone ? null : new RunView(out, { title, tasks, known });
    this.#view = view;
    let state: RunState | "stopped";
    try {
      state = await begin(this.#follower, view?.listener ?? troubleNotes(out));
    } finally {
      view?.close();
      this.#view = null;
    }
    if (state === "stopped") return await this.#stopped(runId);
    await this.#report(runId);
    return state === "succeeded" ? STATUS.succeeded : STATUS.failed;
  }

  /** Ends the session: an owner passes the store on to commands that follow runs of theirs. */
  async close(): Promise<void> {
    if (this.#stopping) return this.#stopping;
    if (await this.#follower.isOwner()) {
      const { runs } = await (await this.#follower.session()).status();
      if (runs.length > 0)
        this.#context.out.note(
          `Not finished, and passed on to the commands that follow ${runs.length === 1 ? "it" : "them"}: ${runs.slice(0, 5).join(", ")}${runs.length > 5 ? ` and ${runs.length - 5} more` : ""}. Where none does: tutti resume`,
        );
    }
    await this.#follower.close(GRACE_MS);
  }

  /** Above the bar, where there is one. */
  #note(text: string): void {
    if (this.#view === null) this.#context.out.note(text);
    else this.#view.note(text);
  }

  async #stop(): Promise<void> {
    const isOwner = await this.#follower.isOwner();
    this.#view?.close();
    if (isOwner) this.#context.out.note("Stopping: running tasks may end, for up to 30 s. Ctrl-C again stops at once.");
    await this.#follower.stop(GRACE_MS);
  }

  async #stopped(runId: string): Promise<number> {
    await this.#stopping;
    if (this.#options.json) await this.#document(runId).catch(() => {});
    this.#context.out.note(await this.#follower.afterStop(runId));
    return this.#interrupts.status ?? STATUS.interrupted;
  }

  async #report(runId: string): Promise<void> {
    if (this.#options.json) return this.#document(runId);
    const detail = await viewingAgain(this.#config, (reader) => reader.runDetail(runId, { outputs: false }));
    if (detail !== null) printRunReport(detail, this.#config.root, this.#context.out);
  }

  #document(runId: string): Promise<void> {
    return viewingAgain(this.#config, async (reader) => {
      const detail = await reader.runDetail(runId);
      if (detail !== null) this.#context.out.json(runDocument(detail, await reader.attempts(runId)));
    });
  }
}

/** What a user must know who sees nothing else of a run, once. */
function troubleNotes(out: Output): RunListener {
  let told = "";
  return (event) => {
    if (event.kind !== "trouble" || event.error.message === told) return;
    told = event.error.message;
    out.note(`Can't go on now, and trying again: ${told}`);
  };
}
