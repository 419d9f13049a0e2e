import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BundledFile } from "./bundle.ts";
import type { Evaluation } from "./evaluation.ts";
import { digestOf } from "./observed-inputs.ts";
import { tuttiFingerprint } from "./tutti-release.ts";

/**
 * What files evaluated to, under `<stateDir>/cache/`: one small file for each pipeline file, so it can't grow.
 * An entry is used when the bundle, this release, the packages outside and every variable the file read are the same;
 * an evaluation that read files, started processes or found something wrong is never recorded.
 */
export class EvaluationCache {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(stateDir: string, env: NodeJS.ProcessEnv) {
    this.#folder = join(stateDir, "cache");
    this.#env = env;
  }

  async get(bundle: BundledFile): Promise<Evaluation | null> {
    try {
      const { key, evaluation } = JSON.parse(await readFile(this.#file(bundle), "utf8")) as {
        key: string;
        evaluation: Evaluation;
      };
      return key === keyOf(bundle) && this.#sameEnv(evaluation) ? evaluation : null;
    } catch {
      // Absent, or damaged: it is made again.
      return null;
    }
  }

  async put(bundle: BundledFile, evaluation: Evaluation): Promise<void> {
    if (!evaluation.inputs.closed || evaluation.problems.length > 0) return;
    await mkdir(this.#folder, { recursive: true });
    const half = join(this.#folder, `${randomUUID()}.tmp`);
    await writeFile(half, JSON.stringify({ key: keyOf(bundle), evaluation }));
    await rename(half, this.#file(bundle));
  }

  #file(bundle: BundledFile): string {
    return join(this.#folder, `${createHash("sha256").update(bundle.file).digest("hex").slice(0, 32)}.json`);
  }

  #sameEnv({ inputs }: Evaluation): boolean {
    return Object.entries(inputs.env).every(([name, digest]) => digestOf(this.#env[name]) === digest);
  }
}

const keyOf = (bundle: BundledFile): string =>
  [bundle.hash, tuttiFingerprint(), JSON.stringify(bundle.outside)].join(" ");
