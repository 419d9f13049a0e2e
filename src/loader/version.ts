import { createHash } from "node:crypto";
import { manifestHash } from "../authoring/manifest-hash.ts";
import type { Instant } from "../core/clock.ts";
import type { WorkflowManifest } from "../core/manifest.ts";
import type { NewVersion } from "../store/store.ts";
import type { BundledFile } from "./bundle.ts";

/**
 * A version is the hash of code and graph: an unchanged file makes no new one, on any machine.
 * The versions of packages outside the bundle are recorded and are no part of it.
 */
export function newVersion(bundle: BundledFile, manifest: WorkflowManifest, createdAt: Instant): NewVersion {
  const hash = createHash("sha256").update(bundle.hash).update(manifestHash(manifest)).digest("hex").slice(0, 32);
  return {
    hash,
    manifest,
    bundle: { hash: bundle.hash, code: bundle.code, map: bundle.map },
    file: bundle.file,
    outside: bundle.outside,
    createdAt,
  };
}
