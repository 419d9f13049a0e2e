import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const LOOK_EVERY_MS = 20;
/** SIGKILL needs a moment; a process that hangs in the kernel is not waited for. */
const DEATH_MS = 1_000;

/** A process that leads a group, and all that it has started in it. */
export class ProcessGroup {
  readonly #child: ChildProcess;
  readonly #stopSignal: NodeJS.Signals;
  readonly #graceMs: number;
  #killTimer: NodeJS.Timeout | null = null;
  #killAt = 0;

  constructor(child: ChildProcess, stopSignal: NodeJS.Signals, graceMs: number) {
    this.#child = child;
    this.#stopSignal = stopSignal;
    this.#graceMs = graceMs;
  }

  get stopped(): boolean {
    return this.#killTimer !== null;
  }

  /** Asks all of it to end, and kills it after the grace. A second call does nothing. */
  stop(): void {
    if (this.#killTimer !== null) return;
    this.#killAt = performance.now() + this.#graceMs;
    this.#killTimer = setTimeout(() => this.#send("SIGKILL"), this.#graceMs);
    this.#send(this.#stopSignal);
  }

  /** Whether anything of it runs. What has ended and was not reaped by its parent does not. */
  isAlive(): boolean {
    return this.#send(0) && runsInGroup(this.#child.pid as number);
  }

  /** Once its leader has ended: ends what is left, within what is left of the grace. */
  async end(): Promise<void> {
    if (this.isAlive()) this.stop();
    await this.#goneBy(this.#killAt);
    if (this.#killTimer !== null) clearTimeout(this.#killTimer);
    if (this.#send("SIGKILL")) await this.#goneBy(performance.now() + DEATH_MS);
  }

  async #goneBy(deadline: number): Promise<void> {
    while (this.isAlive() && performance.now() < deadline) await delay(LOOK_EVERY_MS);
  }

  /** `false`: nothing is there any more. */
  #send(signal: NodeJS.Signals | 0): boolean {
    const { pid } = this.#child;
    if (pid === undefined) return false;
    if (process.platform === "win32") return this.#child.kill(signal);
    try {
      return process.kill(-pid, signal);
    } catch {
      return false;
    }
  }
}

/**
 * A signal reaches zombies too, and in a container whose first process reaps nobody they stay for ever: there `/proc` tells them apart.
 * Where there is no `/proc`, all of them count.
 */
function runsInGroup(group: number): boolean {
  let processes: string[];
  try {
    processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return true;
  }
  return processes.length === 0 || processes.some((pid) => isLiveMember(pid, group));
}

function isLiveMember(pid: string, group: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Behind the name, which may hold anything: state, parent, group.
    const [state, , itsGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(itsGroup) === group && state !== "Z" && state !== "X";
  } catch {
    return false;
  }
}
