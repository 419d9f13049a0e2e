import type { HeardEvent } from "./publisher.ts";
import { Events, type EventsDeps } from "./events.ts";
import { Sources } from "./sources.ts";
import type { GivenEvent } from "../../core/event.ts";

export interface EventDeskDeps extends Omit<EventsDeps, "onKnown"> {
  /** What the patterns of files are relative to. */
  readonly root: string;
}

/** All that starts runs when something happens: what is said, and what the sources of this process find. */
export class EventDesk {
  readonly #events: Events;
  readonly #sources: Sources;

  constructor(deps: EventDeskDeps) {
    const { store, clock, starter, notice, root } = deps;
    this.#events = new Events({ ...deps, onKnown: (known) => this.#sources.follow(known) });
    this.#sources = new Sources({
      store,
      clock,
      asker: starter,
      found: (events, advance) => this.#events.found(events, advance),
      notice,
      root,
    });
  }

  start(): void {
    this.#events.start();
  }

  /** As `Events.publish`. */
  publish(uid: string, event: GivenEvent): Promise<readonly HeardEvent[]> {
    return this.#events.publish(uid, event);
  }

  look(): void {
    this.#events.look();
  }

  changed(workflows?: readonly string[]): void {
    this.#events.changed(workflows);
  }

  ended(workflow: string): void {
    this.#events.ended(workflow);
  }

  async stop(): Promise<void> {
    await this.#sources.stop();
    await this.#events.stop();
  }
}
