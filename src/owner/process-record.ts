import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { NewProcess } from "../store/process-list.ts";
import { RELEASE } from "../store/release.ts";

/** What this process tells others about itself. */
export const thisProcess = (does: Pick<NewProcess, "name" | "roles" | "queues" | "slots" | "labels">): NewProcess => ({
  ...does,
  instance: randomUUID(),
  host: hostname(),
  pid: process.pid,
  release: RELEASE,
  node: process.versions.node,
  timeZones: process.versions.tz ?? "unknown",
  clockAheadMs: null,
});
