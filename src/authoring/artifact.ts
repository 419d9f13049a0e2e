/** A reference to bytes in the artifact store: small, and passed between tasks like any value. */
export interface ArtifactRef {
  readonly uri: string;
  /** Bytes. */
  readonly size: number;
  /** Everything at once. */
  bytes(): Promise<Uint8Array>;
  /** Everything, parsed as JSON. */
  json<T>(): Promise<T>;
  /** A part at a time, for what does not fit in memory. */
  stream(): ReadableStream<Uint8Array>;
  /** One object per line, for an artifact that was written from objects. */
  rows<T>(): AsyncIterable<T>;
}

/** An artifact to be written, by a name that is unique in its task run. */
export interface ArtifactDraft {
  /** Bytes as they are; objects as JSON lines. It becomes visible together with the result that refers to it, and is swept if there is none. */
  write(data: Uint8Array | ReadableStream | Iterable<object> | AsyncIterable<object>): Promise<ArtifactRef>;
}
