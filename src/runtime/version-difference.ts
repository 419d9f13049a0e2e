import { readFile } from "node:fs/promises";
import type { WorkflowManifest } from "../core/manifest.ts";
import type { VersionInfo } from "./protocol.ts";

/** The manifest that was registered, where whoever wrote the bundle to disk put it beside it. `null`: it did not. */
export async function readExpectedManifest(version: VersionInfo): Promise<WorkflowManifest | null> {
  try {
    return JSON.parse(await readFile(expectedManifestFile(version), "utf8")) as WorkflowManifest;
  } catch {
    return null;
  }
}

/** `<bundle>.<manifest hash>.json`: the workflows of one file have one each. */
export const expectedManifestFile = (version: Pick<VersionInfo, "file" | "manifestHash">): string =>
  `${version.file}.${version.manifestHash}.json`;

/** At most this many differences are told: the first ones show where to look. */
const TOLD = 3;

/** `tasks.extract.timeoutMs: 1000, here 2000; …` */
export function whatDiffers(expected: WorkflowManifest, found: WorkflowManifest): string {
  const differences: string[] = [];
  compare(byName(expected), byName(found), "", differences);
  const more = differences.length > TOLD ? `; and ${differences.length - TOLD} more` : "";
  return differences.length === 0 ? "" : `${differences.slice(0, TOLD).join("; ")}${more}.`;
}

/** Tasks and groups under their names, so that one that was added does not move all others. */
const byName = (manifest: WorkflowManifest): object => ({
  ...manifest,
  tasks: Object.fromEntries(manifest.tasks.map((task) => [task.name, task])),
  groups: Object.fromEntries(manifest.groups.map((group) => [group.name, group])),
});

function compare(expected: unknown, found: unknown, path: string, differences: string[]): void {
  if (Object.is(expected, found)) return;
  if (!isObject(expected) || !isObject(found))
    return void differences.push(`${path}: ${shown(expected)}, here ${shown(found)}`);
  for (const key of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    compare(expected[key], found[key], path === "" ? key : `${path}.${key}`, differences);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const shown = (value: unknown): string => {
  if (value === undefined) return "absent";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};
