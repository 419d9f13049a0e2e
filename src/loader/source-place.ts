import { SourceMap, type SourceMapPayload } from "node:module";
import type { BundledFile } from "./bundle.ts";
import type { Frame } from "./evaluation.ts";
import { placeIn, wholeFile, type Place } from "./load-error.ts";

/** The line that `materialize` puts before the code. */
const PREFIX_LINES = 1;

/** The innermost frame in the user's own files; failing that, in a bundled package; failing that, the file as a whole. */
export function placeOfFrames(frames: readonly Frame[], bundle: BundledFile): Place {
  if (frames.length === 0) return wholeFile(bundle.file);
  const payload = JSON.parse(bundle.map) as SourceMapPayload;
  const map = new SourceMap(payload);
  const places = frames.map((frame) => placeOfFrame(frame, map, payload)).filter((place) => place !== null);
  return places.find((place) => !place.file.includes("node_modules/")) ?? places[0] ?? wholeFile(bundle.file);
}

function placeOfFrame({ line, column }: Frame, map: SourceMap, payload: SourceMapPayload): Place | null {
  const entry = map.findEntry(line - 1 - PREFIX_LINES, column - 1);
  if (
    !("originalSource" in entry) ||
    entry.originalSource === undefined ||
    entry.originalSource.startsWith("tutti-place:")
  )
    return null;
  const text = payload.sourcesContent?.[payload.sources.indexOf(entry.originalSource)] ?? null;
  return placeIn(entry.originalSource, text, entry.originalLine + 1, entry.originalColumn + 1);
}

/** Where a word stands as a string or a name in the user's own files, the pipeline file first. */
export function placeOfWord(word: string, bundle: BundledFile): Place {
  const payload = JSON.parse(bundle.map) as SourceMapPayload;
  const own = payload.sources
    .map((file, at) => ({ file, text: payload.sourcesContent?.[at] ?? "" }))
    .filter(({ file }) => !file.includes("node_modules/"));
  own.sort((a, b) => Number(b.file === bundle.file) - Number(a.file === bundle.file));
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  // `dag("name"` before `task("name"`: a workflow and its only task often share a name.
  for (const form of [
    String.raw`\bdag\s*(?:<[^>]*>)?\(\s*["'\`]${escaped}["'\`]`,
    `["'\`]${escaped}["'\`]`,
    String.raw`\b${escaped}\b`,
  ]) {
    for (const { file, text } of own) {
      const at = text.search(new RegExp(form));
      if (at !== -1) return placeAt(file, text, at);
    }
  }
  return wholeFile(bundle.file);
}

function placeAt(file: string, text: string, at: number): Place {
  const before = text.slice(0, at).split("\n");
  return placeIn(file, text, before.length, before.at(-1)!.length + 1);
}
