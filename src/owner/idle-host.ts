import { TuttiError } from "../core/errors.ts";
import type { WorkerHost } from "../engine/worker-host.ts";

/** A worker that takes nothing and starts no process: for an owner that only writes, such as `tutti cancel` without another one. */
export const idleHost: WorkerHost = {
  name: "none",
  slots: 0,
  reserve: () => () => {},
  listen() {},
  openRun() {},
  forgetRun() {},
  share() {},
  start() {},
  abort() {},
  async parseParams() {
    throw new TuttiError("NO_WORKER", "This command runs no tasks and reads no params.");
  },
  async tell() {
    return { name: "TuttiError", code: "NO_WORKER", message: "This command runs no code." };
  },
  async askTrigger() {
    throw new TuttiError("NO_WORKER", "This command runs no tasks and asks no triggers.");
  },
  async close() {},
};
