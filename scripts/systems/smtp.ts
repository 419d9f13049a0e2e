import { existsSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { pythonVenv } from "../python-venv.ts";
import type { System } from "../system.ts";
import { freePort, startServer } from "../system-process.ts";

const SERVER = join(import.meta.dirname, "..", "..", "test", "systems", "smtp-server.py");

/** Its certificate is of an authority of its own, in `ca.pem`. */
export const system: System = {
  title: "aiosmtpd, a mail server with STARTTLS and passwords (PyPI)",
  limits: { install: 120, start: 30 },
  async install(at) {
    await pythonVenv(at, ["aiosmtpd==1.4.6", "trustme==1.2.1"]);
  },
  async start({ folder, signal }) {
    const run = join(folder, "run");
    rmSync(run, { recursive: true, force: true });
    const port = await freePort();
    const server = await startServer(join(folder, "venv", "bin", "python"), [SERVER, run, String(port)], {
      signal,
      ready: async () => {
        if (!existsSync(join(run, "ca.pem"))) throw new Error("no certificate yet");
        await answers(port);
      },
    });
    const reach = {
      port: String(port),
      ca: join(run, "ca.pem"),
      mails: join(run, "mails"),
      user: "tutti",
      password: "hunter2-hunter2",
    };
    return { reach, stop: () => server.stop() };
  },
};

function answers(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("data", () => resolve(void socket.destroy()));
    socket.once("error", reject);
  });
}
