import { readdirSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import type { Location, Message } from "esbuild";
import { excerptOf, LoadError, wholeFile, type Place } from "./load-error.ts";
import { didYouMean } from "../authoring/nearest.ts";
import type { InstalledPackages } from "./outside-package.ts";
import { ownParts } from "./tutti-release.ts";
import { packageName } from "./outside-plugin.ts";

export interface ProblemContext {
  readonly projectDir: string;
  /** The pipeline file, for a problem without a place. */
  readonly file: string;
  readonly packages: InstalledPackages;
}

/** What esbuild refused, in our words: with a code, the place and what to do. */
export const bundleProblems = (messages: readonly Message[], context: ProblemContext): LoadError[] =>
  messages.map((message) => problem(message, context));

function problem(message: Message, context: ProblemContext): LoadError {
  const place = message.location === null ? wholeFile(context.file) : placeOf(message.location);
  const missing = /^Could not resolve "(.*)"$/.exec(message.text)?.[1];
  if (missing !== undefined)
    return new LoadError(
      "MODULE_NOT_FOUND",
      `${inFile(place)} imports "${missing}", ${whyMissing(missing, message, place, context)}`,
      place,
    );
  if (message.text.startsWith("No loader is configured")) {
    const text = `${inFile(place)} imports a file that can't be part of a bundle: ${message.text.replace(/:.*/s, "")}. Read it at run time, with node:fs and import.meta.url, or list its package under "external" in tutti.config.ts.`;
    return new LoadError("FILE_NOT_IMPORTABLE", text, place);
  }
  return new LoadError("FILE_SYNTAX_ERROR", `${inFile(place)}: ${sentence(message)}`, place);
}

const inFile = (place: Place): string =>
  place.line === null ? `"${place.file}"` : `"${place.file}" at line ${place.line}, column ${place.column}`;

function whyMissing(missing: string, message: Message, place: Place, { projectDir, packages }: ProblemContext): string {
  const folder = dirname(resolve(projectDir, place.file));
  if (/^\.{0,2}\//.test(missing) || /^\.{1,2}$/.test(missing))
    return `which does not exist.${nearestFile(resolve(folder, missing), missing)}`;
  const name = packageName(missing);
  if (name === "tutti") return `which is no part of tutti.${didYouMean(missing, ownParts())}`;
  const found = packages.find(name, folder);
  if (found !== null) return `but package "${name}" ${found.version} has no such part.${noteOf(message)}`;
  if (/^[@~#]\/|^[~#]/.test(missing))
    return `which no "paths" of the tsconfig.json above it and no "imports" of its package.json resolves.`;
  return `which is not installed. Run: npm install ${name}`;
}

function nearestFile(wanted: string, missing: string): string {
  try {
    const names = readdirSync(dirname(wanted));
    const same = names.find((name) => basename(name, extname(name)) === basename(wanted, extname(wanted)));
    const hint = same === undefined ? didYouMean(basename(wanted), names) : ` Did you mean "${same}"?`;
    return hint.replace(/"(.*)"/, (_, name: string) => `"${join(dirname(missing), name).replace(/^(?!\.)/, "./")}"`);
  } catch {
    return ` There is no folder "${dirname(missing)}" either.`;
  }
}

const noteOf = (message: Message): string => (message.notes[0] === undefined ? "" : ` ${message.notes[0].text}`);

const sentence = (message: Message): string =>
  [message.text, ...message.notes.map((note) => note.text)]
    .map((text) => (/[.:?!]$/.test(text) ? text : `${text}.`))
    .join(" ");

// esbuild counts columns in bytes from 0; editors in characters from 1.
function placeOf({ file, line, column, lineText }: Location): Place {
  const characters = Buffer.from(lineText).subarray(0, column).toString().length + 1;
  return { file, line, column: characters, excerpt: excerptOf(lineText, line, characters) };
}
