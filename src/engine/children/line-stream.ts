import { StringDecoder } from "node:string_decoder";
import type { Readable } from "node:stream";

/** A line without an end is cut here, so that it fills no memory. */
const MAX_LINE_LENGTH = 64 * 1024;

/** Calls for every line of a stream, the last one too. */
export function eachLine(stream: Readable, take: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(take);
    if (rest.length <= MAX_LINE_LENGTH) return;
    take(rest);
    rest = "";
  });
  stream.on("close", () => {
    if (rest !== "") take(rest);
    rest = "";
  });
}
