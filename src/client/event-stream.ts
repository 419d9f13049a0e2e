import type { LiveEvent } from "./asked.ts";

/** The events of a stream, as they come. */
export async function* eventsIn(body: ReadableStream<Uint8Array>): AsyncGenerator<LiveEvent, void> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf("\n\n"); end !== -1; end = text.indexOf("\n\n")) {
      const event = parsed(text.slice(0, end));
      text = text.slice(end + 2);
      if (event !== null) yield event;
    }
  }
}

/** `null`: a comment, which only says that the stream lives. */
function parsed(block: string): LiveEvent | null {
  const lines = block.split("\n");
  const field = (name: string): string | null =>
    lines
      .find((line) => line.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trimStart() ?? null;
  const data = field("data");
  if (data === null) return null;
  return {
    event: (field("event") ?? "delta") as LiveEvent["event"],
    id: field("id"),
    data: JSON.parse(data) as LiveEvent["data"],
  };
}
