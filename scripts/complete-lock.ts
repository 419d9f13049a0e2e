import { readFileSync, writeFileSync } from "node:fs";
import { missingPlatforms, readLock } from "./platform-packages.ts";

/**
 * `npm run lock`, after every `npm install`: writes the packages of other platforms into each package-lock.json.
 * npm leaves out those that its registry did not serve at that moment, and `npm ci` then refuses the whole
 * lock on every platform. Their versions are exact in the package that lists them, so nothing is guessed.
 */
const FILES = ["package-lock.json", "bench/peers/package-lock.json"];

for (const name of FILES) {
  const file = new URL(`../${name}`, import.meta.url);
  const lock = readLock(readFileSync(file, "utf8"));
  const missing = missingPlatforms(lock);
  for (const { path, entry } of missing) lock.packages[path] = entry;
  const packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en")));
  if (missing.length > 0) writeFileSync(file, JSON.stringify({ ...lock, packages }, null, 2) + "\n");
  console.log(
    missing.length === 0 ? `${name} is complete.` : `${name}: added ${missing.length} packages of other platforms.`,
  );
}
