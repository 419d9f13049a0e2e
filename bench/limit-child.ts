import type { Done } from "./limit-store.ts";
import { monotonicMs } from "./monotonic.ts";

/** A process of `Limit`: runs the tasks of a batch and answers once a turn. */
const send = process.send!.bind(process);
let done: Done[] = [];

const task = async (): Promise<number> => monotonicMs();

process.on("message", (batch: readonly number[]) => {
  for (const id of batch) void run(id);
});
send("ready");

async function run(id: number): Promise<void> {
  const startedAt = Date.now();
  const output = await task();
  if (done.length === 0) setImmediate(flush);
  done.push({ id, startedAt, endedAt: Date.now(), output: String(output) });
}

function flush(): void {
  const batch = done;
  done = [];
  send(batch);
}
