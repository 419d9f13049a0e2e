import { Session } from "node:inspector";
import { Socket } from "node:net";
import { workerData } from "node:worker_threads";
import { Gate } from "./gate.ts";
import { LineSplitter } from "./line-splitter.ts";
import type { WatchdogAnswer, WatchdogQuestion } from "./protocol.ts";

/**
 * A thread beside user code that a blocked loop does not stop. It ends the process, and all that it started, when the host
 * is gone; and it tells a host that hears nothing which tasks have not started and whose code has the loop.
 */
const PAUSE_LIMIT_MS = 2_000;

const { memory, fd, blockerName } = workerData as { memory: SharedArrayBuffer; fd: number; blockerName: string };
const gate = new Gate(memory);
const pipe = new Socket({ fd, readable: true, writable: true });
const lines = new LineSplitter((line) => void answer(JSON.parse(line) as WatchdogQuestion));

pipe.on("data", (chunk) => lines.push(chunk.toString()));
pipe.on("end", hostIsGone);
pipe.on("error", hostIsGone);

async function answer({ question, tasks }: WatchdogQuestion): Promise<void> {
  const unstarted: number[] = [];
  const started: number[] = [];
  for (const { slot, turn } of tasks) (gate.takeBack(slot, turn) ? unstarted : started).push(turn);
  const blocker = (await askMainThread()) ?? { slot: gate.inside, where: null };
  const said: WatchdogAnswer = { question, unstarted, started, running: blocker.slot, where: blocker.where };
  pipe.write(`${JSON.stringify(said)}\n`);
}

interface Blocker {
  readonly slot: number | null;
  readonly where: string | null;
}

/** Interrupts the JavaScript that runs and asks, in its place, in whose async context it is. `null`: it is in native code. */
function askMainThread(): Promise<Blocker | null> {
  const session = new Session();
  return new Promise<Blocker | null>((resolve) => {
    const gaveUp = setTimeout(() => resolve(null), PAUSE_LIMIT_MS);
    session.connectToMainThread();
    session.on("Debugger.paused", ({ params }) => {
      const frame = params.callFrames[0];
      if (!frame) return resolve(null);
      const expression = `globalThis[Symbol.for(${JSON.stringify(blockerName)})]()`;
      session.post(
        "Debugger.evaluateOnCallFrame",
        { callFrameId: frame.callFrameId, expression, returnByValue: true },
        (_error, said) => {
          clearTimeout(gaveUp);
          const text: unknown = said?.result.value;
          resolve(typeof text === "string" ? (JSON.parse(text) as Blocker) : null);
        },
      );
    });
    session.post("Debugger.enable");
    session.post("Debugger.pause");
  })
    .catch(() => null)
    .finally(() => session.disconnect());
}

function hostIsGone(): void {
  // The child leads a process group of its own: whatever its tasks have spawned goes with it.
  try {
    process.kill(-process.pid, "SIGKILL");
  } catch {
    process.kill(process.pid, "SIGKILL");
  }
}
