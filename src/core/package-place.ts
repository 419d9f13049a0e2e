/**
 * Where the files of this package are: in `src/` when its sources run, and in `dist/` when it runs as built. There the parts of a
 * file that others share stand in chunks at the top, so a place beside `import.meta.url` says nothing.
 */
const FROM_SOURCES = import.meta.url.endsWith(".ts");

/** `src/` or `dist/`. */
export const PACKAGE_ROOT = new URL(FROM_SOURCES ? "../" : "./", import.meta.url);

/** A file or a folder of it. */
export const placeOf = (path: string): URL => new URL(path, PACKAGE_ROOT);

/** A module of it, named without an extension. In `dist/` it has to be an entry (`scripts/dist-folder.ts`). */
export const moduleAt = (path: string): URL => placeOf(`${path}${FROM_SOURCES ? ".ts" : ".js"}`);
