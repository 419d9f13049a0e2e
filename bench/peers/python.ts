import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CACHE } from "./cache.ts";

/** Each in a virtual environment of its own: what they need of the same packages differs. */
const PACKAGES: Readonly<Record<string, { readonly version: string; readonly beside?: readonly string[] }>> = {
  "apache-airflow": { version: "3.3.2" },
  dagster: { version: "1.13.29" },
  // It does not start with the newest FastAPI that it allows.
  prefect: { version: "3.8.8", beside: ["fastapi==0.139.0"] },
};

const folderOf = (name: string): string => join(CACHE, `venv-${name}`);

export const pythonOf = (name: string): string => join(folderOf(name), "bin", "python");

export const hasPython = (name: string): boolean => existsSync(join(folderOf(name), ".complete"));

export const pythonVersion = (name: string): string => PACKAGES[name]!.version;

export function fetchPython(name: string): void {
  if (hasPython(name)) return;
  const folder = folderOf(name);
  rmSync(folder, { recursive: true, force: true });
  run("python3", ["-m", "venv", folder]);
  const { version, beside = [] } = PACKAGES[name]!;
  const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `${name}==${version}`, ...beside];
  run(pythonOf(name), install);
  writeFileSync(join(folder, ".complete"), "");
}

function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error(`"${[command, ...args].join(" ")}" failed: no row for it.`);
}

export const pythonPackages = (): string[] => Object.keys(PACKAGES);
