import { writeSync } from "node:fs";
import { Session, type Debugger } from "node:inspector";
import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";

/** What the main thread tells this one, in shared memory: it may be stuck in a loop. `limitMs` 0: nothing to watch. */
export const WATCH_CELLS = ["limitMs", "turn", "answered"] as const;

export interface WatchdogData {
  readonly cells: Int32Array;
  readonly parent: number;
}

/** Written to the parent before the process is killed. `frames`: innermost first, in any file; empty: the code only waits. */
export interface Stuck {
  readonly frames: readonly { readonly url: string; readonly line: number; readonly column: number }[];
}

/** The descriptor of the pipe to the parent, after standard streams and IPC. */
export const STUCK_FD = 4;

const BEAT_MS = 50;
const ANSWER_MS = 250;

if (parentPort !== null && workerData !== null) watch(workerData as WatchdogData);

// A thread, because a main thread in an endless loop sees neither its time limit nor the end of its parent.
function watch({ cells, parent }: WatchdogData): void {
  let turn = 0;
  let since = 0;
  const beat = setInterval(() => {
    if (process.ppid !== parent) kill();
    const limitMs = Atomics.load(cells, WATCH_CELLS.indexOf("limitMs"));
    if (limitMs === 0 || Atomics.load(cells, WATCH_CELLS.indexOf("turn")) !== turn)
      [turn, since] = [Atomics.load(cells, WATCH_CELLS.indexOf("turn")), performance.now()];
    else if (performance.now() - since > limitMs) {
      clearInterval(beat);
      whereStuck(cells, report);
    }
  }, BEAT_MS);
}

function whereStuck(cells: Int32Array, answer: (stuck: Stuck) => void): void {
  parentPort!.postMessage("alive?");
  setTimeout(
    () => (Atomics.load(cells, WATCH_CELLS.indexOf("answered")) === 1 ? answer({ frames: [] }) : askInspector(answer)),
    ANSWER_MS,
  );
}

function askInspector(answer: (stuck: Stuck) => void): void {
  const session = new Session();
  session.connectToMainThread();
  const urls = new Map<string, string>();
  session.on("Debugger.scriptParsed", ({ params }) => urls.set(params.scriptId, params.url));
  session.on("Debugger.paused", ({ params }) =>
    answer({ frames: params.callFrames.map(({ location }) => frameOf(location, urls)) }),
  );
  session.post("Debugger.enable");
  session.post("Debugger.pause");
  // Native code does not pause.
  setTimeout(() => answer({ frames: [] }), 1000);
}

const frameOf = ({ scriptId, lineNumber, columnNumber }: Debugger.Location, urls: ReadonlyMap<string, string>) => ({
  url: urls.get(scriptId) ?? "",
  line: lineNumber + 1,
  column: (columnNumber ?? 0) + 1,
});

function report(stuck: Stuck): void {
  try {
    writeSync(STUCK_FD, JSON.stringify(stuck));
  } finally {
    kill();
  }
}

const kill = (): void => void process.kill(process.pid, "SIGKILL");
