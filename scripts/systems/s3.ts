import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { freePort, runToEnd, startServer } from "../system-process.ts";
import type { System } from "../system.ts";

const MODULE = "github.com/versity/versitygw/cmd/versitygw";
const VERSION = "v1.8.0";
const ACCESS_KEY = "tutti-systems";
const SECRET_KEY = "tutti-systems-secret";

/** An S3 server in Go, which keeps its objects as files. Built by `go install` once, in two to four minutes. */
export const system: System = {
  title: `versitygw ${VERSION}, an S3 server`,
  limits: { install: 900, start: 30 },
  async install({ folder, signal }) {
    if (existsSync(binary(folder))) return;
    await runToEnd("go", ["install", `${MODULE}@${VERSION}`], {
      signal,
      env: { GOBIN: join(folder, "bin-new"), GOFLAGS: "-mod=mod" },
    });
    // All or nothing: a build that was stopped is no binary.
    renameSync(join(folder, "bin-new"), join(folder, "bin"));
  },
  async start({ folder, signal }) {
    const work = mkdtempSync(join(folder, "data-"));
    for (const name of ["objects", "about"]) mkdirSync(join(work, name));
    const port = await freePort();
    const endpoint = `http://127.0.0.1:${port}`;
    const args = ["--access", ACCESS_KEY, "--secret", SECRET_KEY, "--port", `127.0.0.1:${port}`, "--quiet"];
    const server = await startServer(
      binary(folder),
      // What S3 knows of an object stands in a folder beside it: not every file system has extended attributes.
      [...args, "posix", "--sidecar", join(work, "about"), join(work, "objects")],
      { signal, ready: () => fetch(endpoint) },
    );
    mkdirSync(join(work, "objects", "tutti"));
    return {
      reach: { endpoint, accessKey: ACCESS_KEY, secretKey: SECRET_KEY, bucket: "tutti", region: "us-east-1" },
      async stop() {
        await server.stop();
        rmSync(work, { recursive: true, force: true });
      },
    };
  },
};

const binary = (folder: string): string => join(folder, "bin", "versitygw");
