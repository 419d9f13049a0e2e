import childProcess from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import process from "node:process";
import type { ObservedInputs } from "./evaluation.ts";

/**
 * Notes what user code looks at while it is evaluated, so that a recorded evaluation is used again only where it would
 * come out the same. Not seen: the clock and randomness. A graph that depends on those is none that a run can be pinned to.
 */
export class InputObserver {
  #env: Record<string, string | null> = {};
  #closed = true;
  #changedEnv = false;

  /** Wraps `process.env`, file reads, processes and connections of this process, for good. */
  install(): void {
    process.env = this.#observedEnv(process.env);
    for (const [module, names] of WATCHED) this.#watch(module, names);
    this.#watch(fs.promises, FS_PROMISES);
    this.#watch(globalThis, ["fetch"]);
    this.#watch(net.Socket.prototype, ["connect"]);
    syncBuiltinESMExports();
  }

  begin(): void {
    this.#env = {};
    this.#closed = true;
    this.#changedEnv = false;
  }

  end(): { inputs: ObservedInputs; changedEnv: boolean } {
    return { inputs: { env: this.#env, closed: this.#closed }, changedEnv: this.#changedEnv };
  }

  #observedEnv(real: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const note = (name: string | symbol) => {
      if (typeof name === "string") this.#env[name] ??= digestOf(real[name]);
    };
    const change = () => (this.#changedEnv = true);
    return new Proxy(real, {
      get: (env, name) => (note(name), Reflect.get(env, name)),
      has: (env, name) => (note(name), Reflect.has(env, name)),
      ownKeys: (env) => ((this.#closed = false), Reflect.ownKeys(env)),
      set: (env, name, value) => (change(), Reflect.set(env, name, value)),
      deleteProperty: (env, name) => (change(), Reflect.deleteProperty(env, name)),
    });
  }

  #watch(target: object, names: readonly string[]): void {
    const members = target as Record<string, unknown>;
    for (const name of names) {
      const original = members[name];
      if (typeof original !== "function") continue;
      const open = () => (this.#closed &&= isModuleLoading());
      // A proxy keeps everything else about the function: its properties, its name, `new`.
      members[name] = new Proxy(original, {
        apply: (fn, self, args) => (open(), Reflect.apply(fn, self, args) as unknown),
      });
    }
  }
}

export const digestOf = (value: string | undefined): string | null =>
  value === undefined ? null : createHash("sha256").update(value).digest("hex").slice(0, 16);

const FS_PROMISES = ["readFile", "readdir", "open", "stat", "lstat", "access", "opendir", "realpath", "readlink"];
const WATCHED = [
  [
    fs,
    [
      "readFileSync",
      "readdirSync",
      "openSync",
      "opendirSync",
      "statSync",
      "lstatSync",
      "existsSync",
      "accessSync",
      "realpathSync",
      "readFile",
      "readdir",
      "open",
      "stat",
      "lstat",
      "exists",
      "access",
      "createReadStream",
      "globSync",
      "glob",
    ],
  ],
  [childProcess, ["spawn", "spawnSync", "exec", "execSync", "execFile", "execFileSync", "fork"]],
] as const;

// Node reads the code of packages through the same functions; their versions are part of the record already.
// Only the caller itself counts: further down, every stack at load time begins in Node's loader.
function isModuleLoading(): boolean {
  const frames = new Error().stack?.split("\n").slice(1) ?? [];
  // One of these functions may call another.
  const caller = frames.find(
    (frame) => !frame.includes(import.meta.filename) && !/\(node:(internal\/)?fs\b/.test(frame),
  );
  return caller?.includes("node:internal/modules/") === true;
}
