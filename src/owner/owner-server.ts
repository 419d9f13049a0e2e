import { chmodSync, existsSync, unlinkSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { TuttiError } from "../core/errors.ts";
import type { RunEvent, RunListener } from "../engine/run-event.ts";
import { EventFeed } from "./event-feed.ts";
import { onJsonLine, sendJsonLine } from "./json-lines.ts";
import { type OwnerMessage, type OwnerRequest, PROTOCOL } from "./owner-messages.ts";
import { NOBODY, type RunSession } from "./run-session.ts";

/** The engine in this process, as its clients use it. */
interface ServedSession extends RunSession {
  snapshot(runId: string): RunEvent | null;
  unfollow(runId: string, listener: RunListener): void;
}

/** The owner's side of the socket: hears what clients want, and tells them what happens to their runs. */
export class OwnerServer {
  readonly #session: ServedSession;
  readonly #hello: { readonly pid: number; readonly command: string };
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  ending = false;

  constructor(session: ServedSession, hello: { readonly pid: number; readonly command: string }) {
    this.#session = session;
    this.#hello = hello;
    this.#server = createServer((socket) => this.#connected(socket));
  }

  /** `false`: it can't listen there; clients then leave commands in the store. Only this user may connect. */
  listen(path: string): Promise<boolean> {
    removeStale(path);
    return new Promise((resolve) => {
      this.#server.once("error", () => resolve(false));
      // The file is made within `listen`: it never exists with wider rights.
      const before = process.umask(0o177);
      this.#server.listen(path, () => {
        if (process.platform !== "win32") chmodSync(path, 0o600);
        resolve(true);
      });
      process.umask(before);
    });
  }

  /** Takes no new clients; those that are connected stay. Removes the socket's file. */
  stopListening(): void {
    if (this.#server.listening) this.#server.close();
  }

  /** For the clients, the owner is gone now. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.end();
    // One that does not read must not keep this process.
    setTimeout(() => this.#sockets.forEach((socket) => socket.destroy()), HANG_UP_MS).unref();
  }

  #connected(socket: Socket): void {
    this.#sockets.add(socket);
    // One for each run that the client follows.
    socket.setMaxListeners(0);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    sendJsonLine(socket, {
      kind: "hello",
      protocol: PROTOCOL,
      ...this.#hello,
      ending: this.ending,
    } satisfies OwnerMessage);
    onJsonLine(socket, (message) => void this.#answer(socket, message as OwnerRequest));
  }

  async #answer(socket: Socket, request: OwnerRequest): Promise<void> {
    try {
      const value = (await this.#do(socket, request)) ?? null;
      sendJsonLine(socket, { kind: "answer", id: request.id, value } satisfies OwnerMessage);
    } catch (error) {
      const { code = "INTERNAL", message } = error as { code?: string; message: string };
      sendJsonLine(socket, { kind: "refusal", id: request.id, code, message } satisfies OwnerMessage);
    }
  }

  #do(socket: Socket, request: OwnerRequest): Promise<unknown> {
    const session = this.#session;
    switch (request.kind) {
      case "submit":
        return session.submit(request.request, request.quiet ? NOBODY : this.#feed(socket, request.request.id));
      case "retry":
        return session.retry(
          request.runId,
          request.options ?? {},
          request.quiet ? NOBODY : this.#feed(socket, request.runId),
        );
      case "resume":
      case "follow":
        return session[request.kind](request.runId, this.#feed(socket, request.runId));
      case "cancel":
        return session.cancel(request.runId);
      case "control":
        return session.control(
          request.runId,
          request.control,
          request.quiet ? NOBODY : this.#feed(socket, request.runId),
        );
      case "resizePool":
        return session.resizePool(request.change);
      case "prune":
        return session.prune(request.endedBefore);
      case "deploy":
        return session.deploy(request.deployment);
      case "setPaused":
        return session.setPaused(request.workflow, request.by);
      case "backfill":
        return session.backfill(request.request);
      case "administer":
        return session.administer(request.change, request.audit);
      case "changes":
        return this.#tellChanges(socket);
      case "retryAlert":
        return session.retryAlert(request.alert);
      case "emit":
        return session.emit(request.request);
      case "status":
        return session.status();
      default:
        throw new TuttiError(
          "UNKNOWN_REQUEST",
          `The owner of the store does not know the request "${(request as { kind: string }).kind}". It is of another release of tutti: end it first.`,
        );
    }
  }

  async #tellChanges(socket: Socket): Promise<void> {
    // Hints: who is behind looks by himself.
    const send = (message: OwnerMessage): void => {
      if (socket.writableLength < MAX_WAITING_HINTS) sendJsonLine(socket, message);
    };
    const stop = await this.#session.changes({
      changed: (runs) => send({ kind: "changed", runs }),
      progressed: (all) => send({ kind: "progress", all }),
    });
    socket.once("close", stop);
  }

  #feed(socket: Socket, runId: string): RunListener {
    const { listener } = new EventFeed(socket, runId, () => this.#session.snapshot(runId));
    socket.once("close", () => this.#session.unfollow(runId, listener));
    return listener;
  }
}

const MAX_WAITING_HINTS = 64 * 1024;
/** Clients have read their last events long before. */
const HANG_UP_MS = 200;

/** Left by an owner that was killed. We hold the lock, so nobody listens there. */
function removeStale(path: string): void {
  if (process.platform === "win32" || !existsSync(path)) return;
  try {
    unlinkSync(path);
  } catch {
    // Then `listen` fails, and says so.
  }
}
