import { randomBytes } from "node:crypto";
import { hostname } from "node:os";

/**
 * The name of a worker in its row, claims, logs and attempts. Another one with each start: a process that begins again on the
 * same machine, or in a container where every process has the same number, must not keep alive what the one before it held.
 */
export const newWorkerName = (): string => `${hostname()}-${process.pid}-${randomBytes(2).toString("hex")}`;
