import { generateKeyPairSync } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, runToEnd, startServer } from "../system-process.ts";
import type { Place, System } from "../system.ts";

// Newer releases of the connector have moved what fakesnow imports from it.
const PACKAGES = ["fakesnow[server]==0.12.1", "snowflake-connector-python==4.8.1"] as const;
const USER = "ETL";
const PASSWORD = "correct horse";

/** From PyPI: DuckDB behind Snowflake's dialect, with what `fakesnow_server.py` adds of the protocol. No Snowflake account is had here. */
export const system: System = {
  title: "fakesnow, a server with Snowflake's protocol",
  limits: { install: 600, start: 60 },

  async install({ folder, signal }: Place) {
    const done = join(folder, `installed-${PACKAGES.join("-").replaceAll(/[^\w.-]/g, "_")}`);
    if (existsSync(done)) return;
    await runToEnd("python3", ["-m", "venv", "--clear", join(folder, "venv")], { signal });
    await runToEnd(join(folder, "venv", "bin", "pip"), ["install", "--quiet", ...PACKAGES], { signal });
    writeFileSync(done, "");
  },

  async start({ folder, signal }: Place) {
    const keys = writeKeys(folder);
    const port = await freePort();
    const address = `http://127.0.0.1:${port}`;
    const server = await startServer(
      join(folder, "venv", "bin", "python"),
      [join(import.meta.dirname, "fakesnow_server.py"), String(port), USER, PASSWORD, keys.publicKey],
      { signal, cwd: folder, env: { TMPDIR: folder }, ready: () => fetch(`${address}/running`) },
    );
    const place = `host=127.0.0.1&port=${port}&protocol=http&warehouse=LOAD_WH&role=LOADER`;
    return {
      reach: {
        url: `snowflake://${USER}:${encodeURIComponent(PASSWORD)}@fakesnow/SHOP/PUBLIC?${place}`,
        keyPairUrl: `snowflake://${USER}@fakesnow/SHOP/PUBLIC?${place}&private_key_file=${encodeURIComponent(keys.privateKey)}`,
        address,
      },
      stop: () => server.stop(),
    };
  },
};

function writeKeys(folder: string): { readonly privateKey: string; readonly publicKey: string } {
  const pair = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const files = { privateKey: join(folder, "key.p8"), publicKey: join(folder, "key.pub") };
  writeFileSync(files.privateKey, pair.privateKey, { mode: 0o600 });
  writeFileSync(files.publicKey, pair.publicKey);
  return files;
}
