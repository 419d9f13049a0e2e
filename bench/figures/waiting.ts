import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import type { Measure } from "../figure.ts";

const WAITING_MB = 800;
const LATE_MS = 50;

const entry = fileURLToPath(new URL("../waiting-child.ts", import.meta.url));

/** 100,000 task runs that wait at once: what they take, how late they come back, and how fast when they all do. */
export const waiting: Measure<void> = async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [entry]);
  const { megabytes, lateMs, drained, claimed } = JSON.parse(stdout) as Readonly<Record<string, number>>;
  const judged = { bound: "at most", limit: null } as const;
  return [
    { name: "memory that 100,000 waiting task runs add", unit: "MB", value: megabytes!, budget: WAITING_MB, ...judged },
    { name: "late at 1,000 wake-ups a second, p99", unit: "ms", value: lateMs!, budget: LATE_MS, ...judged },
    {
      name: "80,000 due at once",
      unit: "tasks/s",
      value: drained!,
      bound: "at least",
      budget: claimed! / 2,
      limit: claimed!,
    },
  ];
};
