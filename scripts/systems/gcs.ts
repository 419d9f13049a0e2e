import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { freePort, runToEnd, startServer } from "../system-process.ts";
import type { System } from "../system.ts";

const VERSION = "v1.56.1";

/** A server in Go that speaks Google Cloud Storage's JSON interface. Built by `go install` once. */
export const system: System = {
  title: `fake-gcs-server ${VERSION}, which speaks Google Cloud Storage`,
  limits: { install: 900, start: 30 },
  async install({ folder, signal }) {
    if (existsSync(binary(folder))) return;
    const env = { GOBIN: join(folder, "bin-new"), GOFLAGS: "-mod=mod" };
    await runToEnd("go", ["install", `github.com/fsouza/fake-gcs-server@${VERSION}`], { signal, env });
    renameSync(join(folder, "bin-new"), join(folder, "bin"));
  },
  async start({ folder, signal }) {
    const work = mkdtempSync(join(folder, "data-"));
    mkdirSync(join(work, "tutti"));
    const port = await freePort();
    const endpoint = `http://127.0.0.1:${port}`;
    const server = await startServer(
      binary(folder),
      [
        "-scheme",
        "http",
        "-host",
        "127.0.0.1",
        "-port",
        `${port}`,
        "-external-url",
        endpoint,
        "-filesystem-root",
        work,
      ],
      { signal, ready: () => fetch(`${endpoint}/storage/v1/b`) },
    );
    return {
      reach: { endpoint, bucket: "tutti" },
      async stop() {
        await server.stop();
        rmSync(work, { recursive: true, force: true });
      },
    };
  },
};

const binary = (folder: string): string => join(folder, "bin", "fake-gcs-server");
