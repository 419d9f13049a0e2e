import { inspect } from "node:util";
import { Worker } from "node:worker_threads";
import { ChildSession } from "./child-session.ts";
import { grantConnections } from "./connections.ts";
import { captureConsole } from "./console.ts";
import { currentAttempt } from "./current-attempt.ts";
import { Gate } from "./gate.ts";
import { useOpenTelemetry } from "./otel-context.ts";
import { Outbox } from "./outbox.ts";
import { ARTIFACTS_VARIABLE } from "../core/artifact-uri.ts";
import { moduleAt } from "../core/package-place.ts";
import type { ChildSettings } from "./protocol.ts";
import { installResolveHook } from "./resolve-hook.ts";
import { chargeStrayErrors } from "./stray-errors.ts";
import { packFromChild, ToChildUnpacker, type WireFromChild, type WireToChild } from "./wire.ts";

/**
 * The entry of a child process: user code runs here and nowhere else. It takes batches of messages, runs what they say, and ends with its host.
 */
const WATCHDOG_FD = 4;
/** Long enough that a child which starts has its first turn for itself. */
const WATCHDOG_DELAY_MS = 250;
const BLOCKER = "tutti.blocker";

const said = JSON.parse(process.argv[2] ?? "{}") as ChildSettings;
// A store's URL may hold a key, which an argument would show to everybody on the machine.
const settings: ChildSettings = { ...said, artifactsDir: process.env[ARTIFACTS_VARIABLE] ?? said.artifactsDir };
delete process.env[ARTIFACTS_VARIABLE];
const channel = process.send!.bind(process) as (
  batch: readonly WireFromChild[],
  handle: undefined,
  options: undefined,
  done: () => void,
) => boolean;
// User code that calls `process.send` would speak the host's language.
delete process.send;

const gate = Gate.of(settings.slots);
const outbox = new Outbox(
  (batch) => void (process.connected && channel(batch.map(packFromChild), undefined, undefined, hostWillTell)),
);
const session = new ChildSession(settings, outbox, gate);

process.setSourceMapsEnabled(true);
installResolveHook(settings);
captureConsole();
grantConnections();
chargeStrayErrors((thrown) => {
  // A task that is alone with it is the only one it can belong to.
  if (!session.onlyAttempt?.failWith(thrown))
    process.stderr.write(`An error that belongs to no running task: ${inspect(thrown)}\n`);
});
Object.defineProperty(globalThis, Symbol.for(BLOCKER), { value: whoHasTheLoop, enumerable: false });

let watchdog: Worker | null = null;
setTimeout(startWatchdog, WATCHDOG_DELAY_MS).unref();

const unpacker = new ToChildUnpacker();
process.on("message", (wired: readonly WireToChild[]) => {
  const batch = wired.map((message) => unpacker.unpack(message));
  // Before any user code: from here on the loop may be blocked.
  if (watchdog === null && batch.some((message) => ["run", "parse", "alert", "ask"].includes(message.kind)))
    startWatchdog();
  for (const message of batch) session.take(message);
});
process.on("disconnect", () => process.exit(0));
process.on("exit", outbox.flush);
// `abort` runs no exit handlers; what the task wrote just before says why it was called.
const abort = process.abort.bind(process);
process.abort = () => {
  outbox.flush();
  return abort();
};
// The terminal's Ctrl-C is the host's to handle.
process.on("SIGINT", () => {});

if (settings.tracing) await useOpenTelemetry(settings.projectDir);
outbox.push({ kind: "ready" });

/** A host that is gone says so by itself. */
function hostWillTell(): void {}

function startWatchdog(): void {
  if (watchdog !== null) return;
  watchdog = new Worker(moduleAt("runtime/watchdog"), {
    workerData: { memory: gate.memory, fd: WATCHDOG_FD, blockerName: BLOCKER },
    execArgv: ["--disable-warning=ExperimentalWarning"],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
  });
  watchdog.unref();
}

/** Asked by the watchdog's debugger in the middle of whatever runs. */
function whoHasTheLoop(): string {
  const frames =
    new Error().stack
      ?.split("\n")
      .filter((line) => /^\s+at .*\//.test(line) && !/whoHasTheLoop|eval at |node:/.test(line)) ?? [];
  const where = frames[0]
    ?.trim()
    .replace(/^at (async )?/, "")
    .replace(/file:\/\//, "")
    .replace(/\?v=\w+(&try=\d+)?/, "");
  return JSON.stringify({ slot: currentAttempt.getStore()?.slot ?? null, where: where ?? null });
}
