import { expect, test } from "vitest";
import type { TaskInstance } from "../../core/task-instance.ts";
import type { EventRecord } from "../../store/events.ts";
import type { Store } from "../../store/store.ts";
import type { LiveRun } from "../live-run.ts";
import { EventWaiters } from "./event-waiters.ts";

const wait = { kind: "event", dueAt: 9e15, events: [{ name: "orders", after: "3", fields: null }] };
const instance = { task: 0, index: null, claim: 1, state: "deferred", wait } as unknown as TaskInstance;
/** The same run, each time that it is loaded. */
const loaded = () => ({ id: "r", released: false, instanceAt: () => instance }) as unknown as LiveRun;
const order = { id: 4, kind: "event", name: "orders", payload: null } as EventRecord;

test("a run that is loaded again while it is compared with what came is compared anew", async () => {
  const woken: LiveRun[] = [];
  const [before, after] = [loaded(), loaded()];
  let events: readonly EventRecord[] = [];
  const emitted = async (): ReturnType<Store["events"]["emitted"]> => {
    const now = events;
    if (now.length === 0) {
      // Let go of, and taken again, while the store is asked; what it waits for comes then.
      before.released = true;
      events = [order];
      waiters.add(after, instance);
    }
    return { events: now, mark: String(3 + now.length) };
  };
  const clock = { now: () => 0, at: () => () => {}, soon: (call: () => void) => queueMicrotask(call), random: () => 0 };
  const store = { events: { emitted } } as unknown as Store;
  const waiters = new EventWaiters({ store, clock, wake: ({ run }) => void woken.push(run) });

  waiters.add(before, instance);
  while (waiters.busy) await Promise.resolve();

  expect(woken).toEqual([after]);
});
