import { setTimeout as pause } from "node:timers/promises";
import { Bed } from "./bed.ts";
import { residentMb } from "./resident.ts";

/** An engine alone in its process: says what it and its children take, idle and with many task runs alive. */
const LIVE = 10_000;
/** Enough that both children have run some. */
const WARM_UP_RUNS = 50;
/** The bundler's process, which loading has started, is gone after two seconds. */
const REST_MS = 2_500;
const READINGS = 4;
const READ_EVERY_MS = 250;

const bed = await Bed.open({ warmUpRuns: WARM_UP_RUNS });
await pause(REST_MS);
const idle = await residentMb(process.pid);
await alive(await bed.submit("live_10000"));
let live = 0;
// The highest: what has just been built up is still there to be collected.
for (let reading = 0; reading < READINGS; reading++) {
  live = Math.max(live, await residentMb(process.pid));
  await pause(READ_EVERY_MS);
}
process.stdout.write(JSON.stringify({ idle, live }));
await bed.close();

function alive(run: string): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    bed.engine.follow(run, (event) => {
      if (event.kind === "task" && event.state === "queued" && ++count === LIVE) resolve();
    });
  });
}
