import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";
import type { Ground, Peer } from "./peer.ts";
import { pythonOf } from "./python.ts";

/** A system whose workloads are a Python program: it takes `[name, ...sizes]` a line, and answers each with milliseconds. */
export async function pythonPeer(packageName: string, program: string, { folder }: Ground): Promise<Peer> {
  const script = fileURLToPath(new URL(`python/${program}`, import.meta.url));
  const child = spawn(pythonOf(packageName), [script, folder], { stdio: ["pipe", "pipe", "inherit"] });
  const answers: PromiseWithResolvers<number>[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    // What else it prints is no answer.
    if (line.startsWith("ms ")) answers.shift()?.resolve(Number(line.slice(3)));
  });
  child.once("exit", (code) => {
    for (const answer of answers) answer.reject(new Error(`"${program}" ended with ${code}.`));
  });
  process.once("exit", () => child.kill("SIGTERM"));
  const ask = (...words: readonly (string | number)[]): Promise<number> => {
    const answer = Promise.withResolvers<number>();
    answers.push(answer);
    child.stdin.write(`${JSON.stringify(words)}\n`);
    return answer.promise;
  };
  await ask("ready");
  return {
    chain: (length) => ask("chain", length),
    fanOut: (width) => ask("fan", width),
    runs: (count, length) => ask("runs", count, length),
    idle: () => ask("idle"),
    teardown: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.stdin.end();
      await ended;
    },
  };
}
