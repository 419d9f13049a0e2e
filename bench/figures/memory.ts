import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import type { Measure } from "../figure.ts";

const IDLE_MB = 300;
const LIVE_MB = 150;

const entry = fileURLToPath(new URL("../memory-child.ts", import.meta.url));

/** Of all processes together, in an engine of its own that nothing else has used. */
export const memory: Measure<void> = async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [entry]);
  const { idle, live } = JSON.parse(stdout) as { idle: number; live: number };
  const judged = { unit: "MB", bound: "at most", limit: null } as const;
  return [
    { name: "memory, idle with two warm children", value: idle, budget: IDLE_MB, ...judged },
    { name: "memory that 10,000 live task runs add", value: live - idle, budget: LIVE_MB, ...judged },
  ];
};
