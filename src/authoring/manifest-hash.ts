import { createHash } from "node:crypto";
import type { WorkflowManifest } from "../core/manifest.ts";

/** Hash of a graph alone: the same for manifests that say the same, whatever the order of their keys. 32 hex digits. */
export const manifestHash = (manifest: WorkflowManifest): string =>
  createHash("sha256").update(JSON.stringify(manifest, sortedKeys)).digest("hex").slice(0, 32);

const sortedKeys = (_key: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
