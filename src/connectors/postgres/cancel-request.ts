import { connect } from "node:net";

const CANCEL = 80_877_102;
const TIMEOUT_MS = 5_000;

/** Of a client of `pg`, once it is connected; its types leave out the two numbers. */
export interface Cancellable {
  readonly host: string;
  readonly port: number;
  readonly processID: number;
  readonly secretKey: number;
}

/**
 * Asks the server to end what this client runs, over a connection of its own, as the protocol wants it. Resolves when the server has
 * taken note, or can't be reached. `pg` has it as `client.cancel`, which never sends it where TLS is on.
 */
export function cancelRequest({ host, port, processID, secretKey }: Cancellable): Promise<void> {
  const message = Buffer.alloc(16);
  message.writeInt32BE(16, 0);
  message.writeInt32BE(CANCEL, 4);
  message.writeInt32BE(processID, 8);
  message.writeInt32BE(secretKey, 12);
  return new Promise((resolve) => {
    const socket = host.startsWith("/") ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
    socket.on("error", () => {}).on("close", () => resolve());
    // The server answers by hanging up.
    socket.on("connect", () => socket.write(message)).resume();
  });
}
