/** What is kept to go on with after a break: so many deltas, and so many characters. */
const KEPT = 2_000;
const KEPT_CHARS = 4_000_000;

export interface Delta {
  readonly seq: number;
  /** JSON. */
  readonly data: string;
  /** Whose workflow it is about; `null`: nobody's in particular. */
  readonly workflow: string | null;
}

/** One thing that clients follow: what has changed of it since it is followed, as far back as is kept. */
export class Topic {
  readonly name: string;
  /** Every delta with a higher number is kept. */
  completeSince: number;
  subscribers = 0;
  /** When the last subscriber left, in the process's own time. */
  quietSince: number | null = null;
  readonly #deltas: Delta[] = [];
  #chars = 0;

  constructor(name: string, seq: number) {
    this.name = name;
    this.completeSince = seq;
  }

  add(delta: Delta): void {
    this.#deltas.push(delta);
    this.#chars += delta.data.length;
    while (this.#deltas.length > KEPT || this.#chars > KEPT_CHARS) {
      const gone = this.#deltas.shift()!;
      this.#chars -= gone.data.length;
      this.completeSince = gone.seq;
    }
  }

  /** In order; `null`: some of them are no longer kept. */
  since(seq: number): readonly Delta[] | null {
    if (seq < this.completeSince) return null;
    const first = this.#deltas.findIndex((delta) => delta.seq > seq);
    return first === -1 ? [] : this.#deltas.slice(first);
  }
}
