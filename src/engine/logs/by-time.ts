import type { LogLine } from "../../runtime/protocol.ts";

/** In memory at once. What a worker writes in a fifth of a second, task by task, is less. */
const MOST_LINES = 4_096;
const MOST_CHARACTERS = 4 * 1024 * 1024;

/** In the order of time, also where a worker has written what several tasks said at once one task after the other. */
export async function* byTime(lines: AsyncIterable<LogLine>): AsyncGenerator<LogLine, void> {
  let waiting: LogLine[] = [];
  let characters = 0;
  for await (const line of lines) {
    waiting.push(line);
    characters += line.message.length;
    if (waiting.length < MOST_LINES && characters < MOST_CHARACTERS) continue;
    const half = Math.ceil(waiting.length / 2);
    inOrder(waiting);
    yield* waiting.slice(0, half);
    waiting = waiting.slice(half);
    characters = waiting.reduce((sum, { message }) => sum + message.length, 0);
  }
  yield* inOrder(waiting);
}

/** Lines of one moment stay as they were written. */
const inOrder = (lines: LogLine[]): LogLine[] => lines.sort((a, b) => a.at - b.at);
