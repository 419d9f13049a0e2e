import { TuttiError } from "../../core/errors.ts";

/**
 * All bytes of an answer.
 *
 * @throws TuttiError `HTTP_BODY_TOO_LARGE`.
 */
export async function readBytes(what: string, response: Response, limitBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > limitBytes)
      throw new TuttiError(
        "HTTP_BODY_TOO_LARGE",
        `${what} answered with more than ${limitBytes} bytes. Read it with "download", as a stream.`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The beginning of an answer, as text. */
export async function readText(response: Response, limitBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    // Leaving the loop gives the rest up.
    if (bytes >= limitBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, limitBytes).toString("utf8");
}
