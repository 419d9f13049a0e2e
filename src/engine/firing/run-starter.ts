import type { TriggerAnswer, TriggerQuestion } from "../../runtime/protocol.ts";
import type { NewRun, VersionRecord } from "../../store/store.ts";
import type { AcceptedParams } from "../parse-params.ts";

/** Whoever advances the runs that schedules make. */
export interface RunStarter {
  /** The number under which it holds runs; `undefined`: it is the only one. */
  readonly scheduler: number | undefined;
  /**
   * What the version's own code makes of a schedule's params. Afterwards its runs can begin at once.
   * @throws TuttiError as `parseParams`; what the store or the disk says
   */
  parse(version: VersionRecord, params: unknown): Promise<AcceptedParams>;
  /** What the functions of a trigger say, in the version's own code. @throws TuttiError when it could not be had */
  ask(version: VersionRecord, question: TriggerQuestion): Promise<TriggerAnswer>;
  /** A run that was recorded for it begins. Waits while it has as many as it can hold. */
  begin(run: NewRun, version: VersionRecord): Promise<void>;
  /** Runs that nobody advances may begin. */
  take(runIds: readonly string[]): Promise<void>;
  cancel(runId: string): Promise<void>;
}
