import type { ErrorData } from "../../core/errors.ts";
import type { GivenEvent } from "../../core/event.ts";
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
    this.#add(secretsOfUrl(url));
  }

  addSecret(value: string): void {
    this.#add([value]);
  }

  #add(values: readonly string[]): void {
    const before = this.#secrets.size;
    for (const secret of values) this.#secrets.add(secret);
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
    if (outcome.state === "skipped") return { ...outcome, reason: this.#mask(outcome.reason) };
    if (outcome.state !== "failed" && outcome.state !== "succeeded") return outcome;
    const events = outcome.events && { events: outcome.events.map((event) => this.#event(event)) };
    if (outcome.state === "failed") return { ...outcome, error: this.error(outcome.error), ...events };
    return events === undefined ? outcome : { ...outcome, ...events };
  }

  /** What checks and metadata say is for people, as a log is; an event that starts something is the program's own. */
  #event(event: GivenEvent): GivenEvent {
    if (event.payload === null || event.kind === "event") return event;
    return { ...event, payload: this.#mask(event.payload) };
  }
}
