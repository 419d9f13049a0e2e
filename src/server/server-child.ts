import { parentPort, workerData } from "node:worker_threads";
import type { TuttiError } from "../core/errors.ts";
import type { FromServer, ServerData, ToServer } from "./server-messages.ts";
import { serve } from "./serve.ts";

// The thread of a server: nothing but the engine's own work runs on the engine's.
const { config, command } = workerData as ServerData;
const port = parentPort!;
const say = (message: FromServer): void => port.postMessage(message);

try {
  const serving = await serve({ config, command, notice: (text) => say({ kind: "notice", text }) });
  port.on("message", (message: ToServer) => {
    if (message.kind === "problems") serving.setLoadProblems(message.problems);
    else void serving.close().finally(() => port.close());
  });
  say({ kind: "listening", url: serving.url, entry: serving.entry });
} catch (error) {
  const { code, message } = error as Partial<TuttiError> & Error;
  say({ kind: "failed", code: code ?? "INTERNAL", message });
  port.close();
}
