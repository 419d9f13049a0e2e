import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, runToEnd, startServer } from "../system-process.ts";
import type { System } from "../system.ts";

const VERSION = "3.35.0";
const ACCOUNT = "tuttisystems";
const KEY = Buffer.from("tutti-systems-account-key").toString("base64");

/** Microsoft's own emulator of its blob storage, from npm, apart from the dependencies of the repository: it brings three hundred packages. */
export const system: System = {
  title: `Azurite ${VERSION}, which speaks Azure Blob Storage`,
  limits: { install: 300, start: 60 },
  async install({ folder, signal }) {
    if (installed(folder) === VERSION) return;
    writeFileSync(join(folder, "package.json"), "{}");
    await runToEnd("npm", ["install", `azurite@${VERSION}`, "--no-audit", "--no-fund"], { signal, cwd: folder });
  },
  async start({ folder, signal }) {
    const work = mkdtempSync(join(folder, "data-"));
    const port = await freePort();
    const entry = join(folder, "node_modules", "azurite", "dist", "src", "blob", "main.js");
    const server = await startServer(
      process.execPath,
      [
        entry,
        "--blobHost",
        "127.0.0.1",
        "--blobPort",
        `${port}`,
        "--location",
        work,
        "--silent",
        "--skipApiVersionCheck",
      ],
      {
        signal,
        env: { AZURITE_ACCOUNTS: `${ACCOUNT}:${KEY}` },
        ready: () => fetch(`http://127.0.0.1:${port}/`),
      },
    );
    return {
      reach: { endpoint: `http://127.0.0.1:${port}/${ACCOUNT}`, account: ACCOUNT, key: KEY },
      async stop() {
        await server.stop();
        rmSync(work, { recursive: true, force: true });
      },
    };
  },
};

function installed(folder: string): string | null {
  const file = join(folder, "node_modules", "azurite", "package.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version : null;
}
