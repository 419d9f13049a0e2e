import type { Socket } from "node:net";

/** A version with its bundle is the largest there is; more than this is a mistake or an attack. */
const MAX_LINE_BYTES = 256 * 1024 * 1024;

/** Calls back with each line of JSON that a socket brings. What is no JSON, or never ends, closes it. */
export function onJsonLine(socket: Socket, take: (message: unknown) => void): void {
  let chunks: Buffer[] = [];
  let bytes = 0;
  socket.on("data", (chunk: Buffer) => {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...chunks, chunk.subarray(from, end)]).toString("utf8");
      chunks = [];
      bytes = 0;
      from = end + 1;
      const message = parsed(line);
      if (message === undefined) return void socket.destroy();
      take(message);
    }
    if (from < chunk.length) chunks.push(chunk.subarray(from));
    bytes += chunk.length - from;
    if (bytes > MAX_LINE_BYTES) socket.destroy();
  });
}

/** Several lines of one turn of the loop are one write. */
export function sendJsonLine(socket: Socket, message: unknown): void {
  if (socket.destroyed || socket.writableEnded) return;
  if (socket.writableCorked === 0) {
    socket.cork();
    process.nextTick(() => socket.uncork());
  }
  socket.write(`${JSON.stringify(message)}\n`);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
