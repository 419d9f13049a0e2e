import { TuttiError } from "../../core/errors.ts";

const LIMIT_BYTES = 10 * 1024 ** 2;

/** The bytes of stdout, kept for the result. */
export class CapturedOutput {
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;

  /** @throws TuttiError `OUTPUT_TOO_LARGE`. */
  readonly add = (bytes: Uint8Array): void => {
    this.#bytes += bytes.byteLength;
    if (this.#bytes > LIMIT_BYTES)
      throw new TuttiError(
        "OUTPUT_TOO_LARGE",
        `The command wrote more than ${LIMIT_BYTES} bytes to stdout, which were to be kept for the result. Let it write a file, and name that under "files".`,
      );
    this.#chunks.push(bytes);
  };

  get text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}
