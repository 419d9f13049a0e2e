import { join } from "node:path";
import { pythonVenv } from "../python-venv.ts";
import type { System } from "../system.ts";
import { freePort, startServer } from "../system-process.ts";

const SERVER = join(import.meta.dirname, "..", "..", "test", "systems", "webhook-server.py");
const SECRET = "whsec_dHV0dGktdHV0dGktdHV0dGktdHV0dGk";

export const system: System = {
  title: "A receiver of webhooks, with the library standardwebhooks (PyPI)",
  limits: { install: 120, start: 30 },
  async install(at) {
    await pythonVenv(at, ["standardwebhooks==1.1.0"]);
  },
  async start({ folder, signal }) {
    const port = await freePort();
    const server = await startServer(join(folder, "venv", "bin", "python"), [SERVER, String(port), SECRET], {
      signal,
      ready: () => fetch(`http://127.0.0.1:${port}/received`),
    });
    return { reach: { port: String(port), secret: SECRET }, stop: () => server.stop() };
  },
};
