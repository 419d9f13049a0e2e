import type { LimitHolder } from "../store/limits.ts";
import type { RunRecord, VersionRecord } from "../store/store.ts";
import type { Transition } from "../core/transition.ts";
import type { CommitterDeps } from "./committer.ts";
import type { LiveRun } from "./live-run.ts";
import type { MembershipOptions } from "./membership.ts";
import type { ProgressReports } from "./progress-reports.ts";
import type { WorkerHost } from "./worker-host.ts";

export interface EngineDeps extends Pick<CommitterDeps, "store" | "clock" | "logs" | "changes"> {
  readonly host: WorkerHost;
  /** Where the bundle of a version is on this machine's disk. */
  readonly codeFile: (version: VersionRecord) => Promise<string>;
  /** Which version begins where a task starts a run of another workflow; `null`: there is none. Default: the deployed one. */
  readonly calledVersion?: (workflow: string) => Promise<VersionRecord | null>;
  /** It is one of several on its store. Default: the only one, as with SQLite. */
  readonly membership?: MembershipOptions;
  /** A run of a workflow has ended here, and its end is durable. `pauseAfter`: it has failed, and so many of those in a row pause its workflow. Default: nobody is told. */
  readonly onEnded?: (runId: string, workflow: string, pauseAfter?: number) => void;
  /** A run goes on here from now on. Default: nobody is told. */
  readonly onBegun?: (run: RunRecord, version: VersionRecord) => void;
  /** What has happened to a run is durable. It must be quick. Default: nobody is told. */
  readonly onApplied?: (run: LiveRun, transitions: readonly Transition[]) => void;
  /** There are alerts to deliver. */
  readonly onAlerts?: () => void;
  /** Tasks here have left word of something that has happened, and it is durable. Default: nobody is told. */
  readonly onEmitted?: () => void;
  /** A task run has to end, so that another one finds room in a limit (`onLimit: "cancel_oldest"`). */
  readonly onOust?: (holder: LimitHolder) => void;
  /** Where tasks here say how far they are, for who follows their runs in other processes. Default: only who follows them here is told. */
  readonly progress?: ProgressReports;
  /** The store refuses for good; nothing goes on. Whoever waits for a run is told too. */
  readonly onFatal?: (error: unknown) => void;
}
