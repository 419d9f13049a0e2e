import { dirname, join, normalize } from "node:path";
import type { SourceFile } from "./source-file.ts";

interface Layer {
  /** Folders or files of src/ that it may import; itself always. */
  readonly uses: readonly string[];
  /** Those that it may import as types only. */
  readonly types?: readonly string[];
}

/** Who may import whom. A folder that is not here may import nothing of ours. */
const LAYERS: Readonly<Record<string, Layer>> = {
  core: { uses: [] },
  authoring: { uses: ["core"] },
  connectors: { uses: ["core", "authoring", "objects"] },
  // Stores of objects: below the connector of that name, and below artifacts and logs.
  objects: { uses: ["core", "connectors/optional-package.ts"] },
  runtime: { uses: ["core", "authoring", "objects"] },
  store: { uses: ["core"] },
  // The two say how a bundle on disk is imported, and what lies beside it: the loader writes what a child reads.
  loader: {
    uses: ["core", "authoring", "objects/store-url.ts", "runtime/resolve-hook.ts", "runtime/version-difference.ts"],
    types: ["store"],
  },
  engine: {
    uses: ["core", "store", "objects", "authoring/manifest-hash.ts", "runtime/wire.ts"],
    types: ["runtime/protocol.ts"],
  },
  owner: {
    uses: ["core", "authoring", "objects", "store", "engine", "loader", "client"],
    types: ["runtime/protocol.ts", "api"],
  },
  // What is asked of the server, for both sides: schemas, and nothing that does anything.
  api: { uses: ["core"] },
  server: { uses: ["core", "api", "store", "engine", "owner"], types: ["loader"] },
  client: { uses: ["core", "api"] },
  cli: { uses: ["core", "authoring", "objects", "store", "engine", "loader", "owner", "server", "client"] },
  testing: { uses: ["core", "authoring", "objects", "runtime", "store", "loader", "engine", "owner", "server", "cli"] },
  "index.ts": { uses: ["core", "authoring", "loader/define-config.ts"] },
};

/** `core/` holds the one real clock, for others to be given; it is the only place there that reads one. */
const MAY_BE_IMPURE = ["core/clock.ts"];

const ONLY_IN: Readonly<Record<string, readonly string[]>> = {
  "node:sqlite": ["store/sqlite"],
  pg: ["store/postgres", "connectors/postgres"],
};

/** What is wrong with one file of src/, each as `file -> what it reaches for`. `file` is relative to src/. */
export function offences(file: string, source: SourceFile): string[] {
  const layer = file.split("/")[0] as string;
  const wrong: string[] = [];
  for (const { specifier, typeOnly } of source.imports) {
    if (specifier.startsWith(".")) {
      const target = normalize(join(dirname(file), specifier));
      if (!allows(layer, target, typeOnly)) wrong.push(`${file} -> ${target}`);
    } else if (layer === "core" && specifier.startsWith("node:")) {
      wrong.push(`${file} -> ${specifier} (core/ does no I/O)`);
    } else if (!(ONLY_IN[specifier] ?? [""]).some((place) => file.startsWith(place))) {
      wrong.push(`${file} -> ${specifier} (only ${ONLY_IN[specifier]?.join(", ")} may)`);
    } else if (/^tutti(\/|$)/.test(specifier)) {
      wrong.push(`${file} -> ${specifier} (inside the package, import the file)`);
    }
  }
  if (layer === "core" && !MAY_BE_IMPURE.includes(file)) {
    wrong.push(...source.impurities.map((name) => `${file} -> ${name} (core/ reads no clock, randomness or process)`));
  }
  if (!["store", "connectors"].includes(layer))
    wrong.push(...source.sql.map((text) => `${file} -> "${text}…" (SQL lives in store/)`));
  return wrong;
}

function allows(layer: string, target: string, typeOnly: boolean): boolean {
  const { uses, types = [] } = LAYERS[layer] ?? { uses: [] };
  return [layer, ...uses, ...(typeOnly ? types : [])].some(
    (place) => target === place || target.startsWith(`${place}/`),
  );
}
