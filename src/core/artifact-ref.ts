/** Marks a reference to an artifact, so that the value codec knows one without knowing the class the runtime gives it. */
export const ARTIFACT: unique symbol = Symbol.for("tutti.artifact") as never;

/** What of an artifact travels between tasks: where its bytes are, and how many. */
export interface ArtifactRefData {
  readonly [ARTIFACT]: true;
  readonly uri: string;
  /** Bytes. */
  readonly size: number;
}

export const artifactRefData = (uri: string, size: number): ArtifactRefData => ({ [ARTIFACT]: true, uri, size });

export const isArtifactRef = (value: unknown): value is ArtifactRefData =>
  typeof value === "object" && value !== null && (value as Partial<ArtifactRefData>)[ARTIFACT] === true;
