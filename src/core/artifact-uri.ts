import { TuttiError } from "./errors.ts";

/** How a child learns of an artifact store whose URL may hold a key. */
export const ARTIFACTS_VARIABLE = "TUTTI_ARTIFACTS";

/** Where an artifact rests: under the run, the task run and the claim it was written by. */
export interface ArtifactPlace {
  readonly runId: string;
  readonly taskRunId: number;
  readonly claim: number;
  readonly name: string;
}

/** `artifact:<run>/<task run>-<claim>/<name>`, as it stands in stored values. */
export const artifactUri = ({ runId, taskRunId, claim, name }: ArtifactPlace): string =>
  `artifact:${runId}/${taskRunId}-${claim}/${encodeURIComponent(name)}`;

/** @throws TuttiError `ARTIFACT_NOT_FOUND` for what is no artifact URI; `BAD_NAME` for a name that could leave its folder. */
export function parseArtifactUri(uri: string): ArtifactPlace {
  const [, runId, taskRunId, claim, encoded] = /^artifact:([0-9a-z]+)\/(\d+)-(\d+)\/([^/]+)$/.exec(uri) ?? [];
  if (encoded === undefined)
    throw new TuttiError(
      "ARTIFACT_NOT_FOUND",
      `"${uri}" is no artifact of this project. They look like artifact:<run>/<task run>-<claim>/<name>.`,
    );
  const name = decoded(encoded);
  if (!isFileName(name)) throw badName(name);
  return { runId: runId!, taskRunId: Number(taskRunId), claim: Number(claim), name };
}

/** @throws TuttiError `BAD_NAME` unless it is a plain file name of at most 200 bytes that does not begin with a dot. */
export function checkArtifactName(name: unknown): string {
  if (typeof name !== "string" || !isFileName(name) || name.startsWith(".")) throw badName(name);
  return name;
}

const UNSAFE = /[/\\:*?"<>|\u0000-\u001f\u007f]/;

const isFileName = (name: string): boolean =>
  name !== "" &&
  name !== "." &&
  name !== ".." &&
  !UNSAFE.test(name) &&
  Buffer.byteLength(name) <= 200 &&
  name.isWellFormed();

const badName = (name: unknown): TuttiError =>
  new TuttiError(
    "BAD_NAME",
    `${JSON.stringify(name)} can't be an artifact's name. Take a plain file name such as "sales.parquet": no folders, no leading dot, none of / \\ : * ? " < > |, at most 200 bytes.`,
  );

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
