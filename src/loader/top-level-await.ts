import type { BuildFailure } from "esbuild";
import { withEsbuild } from "./esbuild-service.ts";
import { excerptOf, type Place } from "./load-error.ts";

/** Where a file, or one it imports, awaits at its top level: esbuild says so when told that it can't. `null`: nowhere in the user's own files. */
export async function topLevelAwait(entry: string, projectDir: string): Promise<Place | null> {
  try {
    await withEsbuild((esbuild) =>
      esbuild.build({
        entryPoints: [entry],
        absWorkingDir: projectDir,
        bundle: true,
        packages: "external",
        platform: "node",
        format: "esm",
        write: false,
        logLevel: "silent",
        supported: { "top-level-await": false },
      }),
    );
    return null;
  } catch (error) {
    const at = (error as BuildFailure).errors?.find(({ text }) => text.startsWith("Top-level await"))?.location;
    return at === null || at === undefined
      ? null
      : {
          file: at.file,
          line: at.line,
          column: at.column + 1,
          excerpt: excerptOf(at.lineText, at.line, at.column + 1),
        };
  }
}
