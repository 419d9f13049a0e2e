import type { Socket } from "node:net";
import type { RunEvent, RunListener } from "../engine/run-event.ts";
import { sendJsonLine } from "./json-lines.ts";
import type { OwnerMessage } from "./owner-messages.ts";

/** What waits in one client's socket at most, before events are left out. */
const MAX_WAITING_BYTES = 1024 * 1024;

/**
 * Tells one client about one run. A client that reads slower than things happen misses single events, and gets a snapshot
 * when it has caught up; the end of the run is never left out.
 */
export class EventFeed {
  readonly #socket: Socket;
  readonly #runId: string;
  readonly #snapshot: () => RunEvent | null;
  #behind = false;

  /** `snapshot`: how the run is now; `null`: it is not live. */
  constructor(socket: Socket, runId: string, snapshot: () => RunEvent | null) {
    this.#socket = socket;
    this.#runId = runId;
    this.#snapshot = snapshot;
  }

  readonly listener: RunListener = (event) => {
    if (event.kind !== "run" && (this.#behind || this.#socket.writableLength > MAX_WAITING_BYTES))
      return this.#leaveOut();
    this.#send(event);
  };

  #leaveOut(): void {
    if (this.#behind) return;
    this.#behind = true;
    this.#socket.once("drain", () => {
      this.#behind = false;
      const now = this.#snapshot();
      if (now !== null) this.#send(now);
    });
  }

  #send(event: RunEvent): void {
    sendJsonLine(this.#socket, { kind: "event", runId: this.#runId, event } satisfies OwnerMessage);
  }
}
