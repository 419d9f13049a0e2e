import { type ChildProcess, fork } from "node:child_process";
import process from "node:process";
import type { Duplex, Readable } from "node:stream";
import { cleanEnvironment } from "../../core/clean-environment.ts";
import { moduleAt } from "../../core/package-place.ts";
import type { ChildSettings } from "../../runtime/protocol.ts";
import type { HostSettings } from "./host-options.ts";

export interface ForkedChild {
  readonly process: ChildProcess;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** To the watchdog's thread. Its end tells the watchdog that the host is gone. */
  readonly watchdog: Duplex;
}

const entry = moduleAt("runtime/child");

/** Starts a child. It leads a process group of its own: a terminal's Ctrl-C does not reach it, and a kill reaches all that its tasks have spawned. */
export function forkChild(settings: HostSettings): ForkedChild {
  const { projectDir, artifactsDir, inlineBytes, maxValueBytes, logLineLength, logAttemptBytes, tasksPerChild } =
    settings;
  const said: ChildSettings = {
    projectDir,
    artifactsDir,
    inlineBytes,
    maxValueBytes,
    logLineLength,
    logAttemptBytes,
    slots: tasksPerChild,
    tracing: settings.tracing,
  };
  const child = fork(entry, [JSON.stringify(said)], {
    cwd: projectDir,
    env: cleanEnvironment(process.env, settings.env),
    execPath: process.execPath,
    execArgv: ["--disable-warning=ExperimentalWarning", ...settings.nodeOptions],
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "ipc", "pipe"],
  });
  return { process: child, stdout: child.stdout!, stderr: child.stderr!, watchdog: child.stdio[4] as Duplex };
}
