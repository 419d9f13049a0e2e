import type { ErrorData } from "../../core/errors.ts";
import { createMasker, type Masker, maskDeep, secretsOfUrl } from "../../core/masking.ts";
import type { LogLine, Outcome } from "../../runtime/protocol.ts";

/** Masks all text that leaves a child. What is secret grows as connections are handed out. */
export class HostSecrets {
  readonly #secrets: Set<string>;
  #mask: Masker;

  constructor(secrets: readonly string[]) {
    this.#secrets = new Set(secrets);
    this.#mask = createMasker([...this.#secrets]);
  }

  addConnection(url: string): void {
    const before = this.#secrets.size;
    for (const secret of secretsOfUrl(url)) this.#secrets.add(secret);
    if (this.#secrets.size > before) this.#mask = createMasker([...this.#secrets]);
  }

  line(line: LogLine): LogLine {
    if (this.#secrets.size === 0) return line;
    return { ...line, message: this.#mask(line.message), fields: maskDeep(line.fields, this.#mask) };
  }

  text(text: string): string {
    return this.#mask(text);
  }

  error(error: ErrorData): ErrorData {
    return this.#secrets.size === 0 ? error : maskDeep(error, this.#mask);
  }

  outcome(outcome: Outcome): Outcome {
    if (this.#secrets.size === 0) return outcome;
    if (outcome.state === "failed") return { ...outcome, error: this.error(outcome.error) };
    return outcome.state === "skipped" ? { ...outcome, reason: this.#mask(outcome.reason) } : outcome;
  }
}
