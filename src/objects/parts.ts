/** The least that S3 takes for a part that is not the last is 5 MiB; its most is 10,000 parts, so they grow. */
const FIRST_PART_BYTES = 8 * 2 ** 20;
const GROWS_EVERY_PARTS = 1_000;

/** How large the part of this number (from 1) is: 8 MiB, and 8 MiB more for each thousand before it. 10,000 parts hold 440 GB. */
const partBytes = (number: number): number => FIRST_PART_BYTES * (1 + Math.floor((number - 1) / GROWS_EVERY_PARTS));

/** Chunks of any size as parts of the size that a multipart upload takes. The last may be smaller, and is the only one that is empty. */
export async function* parts(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void> {
  let number = 1;
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.byteLength;) {
      const taken = chunk.subarray(at, at + partBytes(number) - length);
      waiting.push(taken);
      length += taken.byteLength;
      at += taken.byteLength;
      if (length < partBytes(number)) continue;
      yield Buffer.concat(waiting, length);
      [waiting, length, number] = [[], 0, number + 1];
    }
  }
  if (length > 0 || number === 1) yield Buffer.concat(waiting, length);
}
