import { join } from "node:path";
import { pythonVenv } from "../python-venv.ts";
import type { System } from "../system.ts";
import { freePort, startServer } from "../system-process.ts";

const SERVER = join(import.meta.dirname, "..", "..", "test", "systems", "telemetry-receiver.py");

/** What it takes is what the libraries of the two protocols read. */
export const system: System = {
  title: "a receiver of traces, logs and lineage on opentelemetry-proto and openlineage-python (PyPI)",
  limits: { install: 120, start: 30 },
  async install(at) {
    await pythonVenv(at, ["opentelemetry-proto==1.45.2", "openlineage-python==1.54.0"]);
  },
  async start({ folder, signal }) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const server = await startServer(join(folder, "venv", "bin", "python"), [SERVER, String(port)], {
      signal,
      ready: async () => {
        await (await fetch(`${url}/received`)).json();
      },
    });
    return { reach: { url }, stop: () => server.stop() };
  },
};
