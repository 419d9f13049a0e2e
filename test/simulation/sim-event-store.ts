import type { EventBatch, Events } from "../../src/store/events.ts";
import type { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { SimStore } from "./sim-store.ts";
import type { World } from "./world.ts";

/** Events over the same wire as everything else. */
export function simEventStore(wire: SimStore, real: SqliteStore, world: World, engine: string): Events {
  const { events } = real;
  const record = async (batch: EventBatch, scheduler: number | undefined) => {
    const result = await events.record(batch);
    world.parts.sources?.recorded(batch, result);
    await world.parts.events?.recorded(real, batch, result, scheduler, engine);
    return result;
  };
  return {
    subscriptions: (workflows) => wire.ask("list subscriptions", false, () => events.subscriptions(workflows)),
    record: (batch, scheduler) =>
      wire.ask(`record ${batch.events.length} events`, true, () => record(batch, scheduler)),
    pending: (limit) => wire.ask("list pending events", false, () => events.pending(limit)),
    takeTurn: (id, leaseMs) => wire.ask("take a turn", true, () => events.takeTurn(id, leaseMs)),
    leaveTurn: (id, revision, afterMs) => wire.ask("leave a turn", true, () => events.leaveTurn(id, revision, afterMs)),
    mark: () => wire.ask("read the mark", false, () => events.mark()),
    emitted: (name, after) => wire.ask("list emitted events", false, () => events.emitted(name, after)),
    recent: (query) => wire.ask("list events", false, () => events.recent(query)),
    prune: (before, limit) => wire.ask("prune events", true, () => events.prune(before, limit)),
  };
}
