import process from "node:process";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { moduleAt } from "../core/package-place.ts";
import { installResolveHook } from "../runtime/resolve-hook.ts";
import { BundleEvaluator } from "./bundle-evaluator.ts";
import { framesIn, type FromEvaluator, type ToEvaluator } from "./evaluation.ts";
import { WATCH_CELLS, type WatchdogData } from "./evaluate-watchdog.ts";

// The entry of the process that evaluates pipeline files. User code can do anything in here, also end it; the parent copes.

const send = process.send!.bind(process) as (message: FromEvaluator) => boolean;
// User code that calls `process.send` would speak the loader's language.
delete process.send;

const cells = new Int32Array(new SharedArrayBuffer(4 * WATCH_CELLS.length));
const watchdog = new Worker(moduleAt("loader/evaluate-watchdog"), {
  workerData: { cells, parent: process.ppid } satisfies WatchdogData,
  execArgv: ["--disable-warning=ExperimentalWarning"],
});
watchdog.on("message", () => Atomics.store(cells, WATCH_CELLS.indexOf("answered"), 1));
watchdog.unref();

Error.stackTraceLimit = 50;
installResolveHook({ projectDir: process.cwd() });
// Loaded before the first file, so that no file pays for it out of its time.
await import(moduleAt("index").href);
const evaluator = new BundleEvaluator();
let current: string | null = null;

process.on("disconnect", () => {
  current = null;
  process.exit();
});
process.on("exit", (code) => {
  if (current !== null) send({ kind: "exiting", code, frames: framesIn(new Error().stack ?? "", current) });
});
process.on("message", (message: ToEvaluator) => void evaluate(message));

async function evaluate(message: ToEvaluator): Promise<void> {
  current = message.file;
  Atomics.store(cells, WATCH_CELLS.indexOf("limitMs"), message.limitMs);
  Atomics.add(cells, WATCH_CELLS.indexOf("turn"), 1);
  const evaluation = await evaluator.evaluate(pathToFileURL(message.file).href, message.file, message.want);
  current = null;
  Atomics.store(cells, WATCH_CELLS.indexOf("limitMs"), 0);
  send({ kind: "evaluated", request: message.request, evaluation });
}

send({ kind: "ready" });
