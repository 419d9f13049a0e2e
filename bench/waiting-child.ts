import { decodeValue } from "../src/core/value-codec.ts";
import { Bed } from "./bed.ts";
import { percentile } from "./figure.ts";
import { residentMb } from "./resident.ts";

/** An engine alone in its process: 100,000 task runs wait in it, as `bench/pipelines` says. */
const WAITING = 100_000;
const STEADY = 20_000;
const WARM_UP_RUNS = 500;
const FAN = 10_000;

const bed = await Bed.open({ warmUpRuns: WARM_UP_RUNS });
const claimed = FAN / ((await bed.run("fan_10000")) / 1000);
const idle = await residentMb(process.pid);
const run = await bed.submit("waiting_100000");
await allWait(run);
const megabytes = (await residentMb(process.pid)) - idle;
await bed.engine.ended(run);
const { taskRuns } = (await bed.store.loadRun(run))!;
const late: number[] = [];
const waiters = taskRuns.filter(({ mapIndex }) => mapIndex !== null).toSorted((a, b) => a.mapIndex! - b.mapIndex!);
for (let from = 0; from < waiters.length; from += 1_000) {
  const ids = waiters.slice(from, from + 1_000).map(({ id }) => id);
  const outputs = await bed.store.readOutputs(ids);
  for (const id of ids) {
    const { value } = outputs.get(id)!;
    late.push(value.kind === "inline" ? (decodeValue(value.text) as number) : Number.NaN);
  }
}
const burst = late.slice(STEADY);
const drained = burst.length / (percentile(burst, 1) / 1000);
process.stdout.write(JSON.stringify({ megabytes, lateMs: percentile(late.slice(0, STEADY), 0.99), drained, claimed }));
await bed.close();

function allWait(id: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let count = 0;
    bed.engine.follow(id, (event) => {
      if (event.kind !== "task") return;
      if (event.state === "deferred" && ++count === WAITING) resolve();
      if (event.state === "succeeded" && event.task === "waiter" && count < WAITING)
        reject(new Error(`only ${count} waited before the first went on`));
    });
  });
}
