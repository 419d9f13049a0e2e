import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import type { ArtifactRef } from "../../authoring/artifact.ts";
import type { Context } from "../../authoring/context.ts";
import { TuttiError } from "../../core/errors.ts";

/**
 * Makes artifacts of the files that a command has written.
 *
 * @throws TuttiError `OUTPUT_FILE_MISSING`.
 */
export async function collectFiles(
  ctx: Context,
  files: Readonly<Record<string, string>>,
  cwd: string,
): Promise<Record<string, ArtifactRef>> {
  const artifacts: Record<string, ArtifactRef> = {};
  for (const [name, file] of Object.entries(files)) {
    const path = resolve(cwd, file);
    const found = await stat(path).catch(() => null);
    if (!found?.isFile())
      throw new TuttiError(
        "OUTPUT_FILE_MISSING",
        `The command succeeded, and "${path}", which should become the artifact "${name}", ${found === null ? "is not there" : "is no file"}.`,
      );
    artifacts[name] = await ctx.artifact(name).write(Readable.toWeb(createReadStream(path)) as ReadableStream);
  }
  return artifacts;
}
