import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pythonVenv } from "../python-venv.ts";
import type { Place, System } from "../system.ts";
import { runToEnd } from "../system-process.ts";

const CARGO = `[package]
name = "client"
version = "0.1.0"
edition = "2021"

[dependencies]
dagster_pipes_rust = "=0.1.8"
serde_json = "1"
`;

const SOURCE = join(import.meta.dirname, "..", "..", "test", "systems", "pipes-client.rs");

/** Clients as their users have them, in two languages. Nothing has to run for them. */
export const system: System = {
  title: "Dagster Pipes clients: Python (PyPI) and Rust (crates.io)",
  limits: { install: 400, start: 1 },
  async install(at) {
    await pythonVenv(at, ["dagster-pipes==1.13.28"]);
    await rustClient(at);
  },
  async start({ folder }) {
    return { reach: { venv: join(folder, "venv"), rust: rustBinary(folder) }, async stop() {} };
  },
};

const rustBinary = (folder: string): string => join(folder, "rust", "target", "debug", "client");

async function rustClient({ folder, signal }: Place): Promise<void> {
  const project = join(folder, "rust");
  const main = join(project, "src", "main.rs");
  const source = readFileSync(SOURCE, "utf8");
  if (existsSync(rustBinary(folder)) && existsSync(main) && readFileSync(main, "utf8") === source) return;
  mkdirSync(join(project, "src"), { recursive: true });
  writeFileSync(join(project, "Cargo.toml"), CARGO);
  writeFileSync(main, source);
  await runToEnd("cargo", ["build", "--quiet"], { signal, cwd: project });
}
