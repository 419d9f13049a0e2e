import type { ArtifactRef } from "../../authoring/artifact.ts";
import type { Duration } from "../../core/duration.ts";
import type { OpenPipesOptions } from "../pipes/pipes-session.ts";
import type { PipesReports } from "../pipes/pipes-log.ts";
import type { CommandEnv } from "./command-environment.ts";

/** How a command runs, and what counts as success. */
export interface CommandOptions {
  /** Where it runs; a relative path is seen from the project's folder. Default: the project's folder. */
  readonly cwd?: string;
  /** Beside PATH, HOME, language, time zone, proxies, certificates and `TUTTI_RUN_ID`, `TUTTI_TASK`, `TUTTI_DATE` …; nothing else is inherited. Default: none. */
  readonly env?: CommandEnv;
  /** What it reads from standard input. Default: nothing. */
  readonly input?: string | Uint8Array;
  /** Exit codes that mean success. Default: `[0]`. */
  readonly okCodes?: readonly number[];
  /** Exit codes that end the task as `skipped`. Default: none. */
  readonly skipCodes?: readonly number[];
  /** Keeps stdout for the result, up to 10 MiB, in place of logging it. Default: false. */
  readonly capture?: boolean;
  /** Files that it makes, by the name of the artifact that each becomes; paths are seen from `cwd`. Default: none. */
  readonly files?: Readonly<Record<string, string>>;
  /** Gives it what a Dagster Pipes client looks for, and takes what that reports. Default: false. */
  readonly pipes?: boolean | OpenPipesOptions;
  /** What asks it to end on cancel and timeout. Default: `"SIGTERM"`. */
  readonly stopSignal?: "SIGTERM" | "SIGINT" | "SIGHUP" | "SIGQUIT";
  /** From then to SIGKILL; keep it below `grace` in the configuration. Default: `"5s"`. */
  readonly grace?: Duration;
}

/** What a command that succeeded leaves. */
export interface CommandResult {
  readonly exitCode: number;
  /** Of its stdout, the last one that is not empty; `null` without any, and with `capture`. */
  readonly lastLine: string | null;
  /** All of stdout as text, with `capture`; else `null`. */
  readonly stdout: string | null;
  /** By the names of `files`. */
  readonly artifacts: Readonly<Record<string, ArtifactRef>>;
  /** What its Dagster Pipes client reported; `null` where none was there. */
  readonly reports: PipesReports | null;
}
