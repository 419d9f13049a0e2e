import { existsSync, readFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { tempProject } from "../../../test/support/temp-project.ts";
import { isAlive, until } from "../../engine/children/fixtures/processes.ts";
import { type ProcessEnd, type ProcessSpec, runProcess } from "./run-process.ts";

interface Ran {
  readonly end: ProcessEnd;
  readonly lines: string[];
}

const never = new AbortController().signal;

async function run(script: string, options: Partial<ProcessSpec> = {}): Promise<Ran> {
  const lines: string[] = [];
  const end = await runProcess({
    file: "/bin/sh",
    args: ["-c", script],
    cwd: process.cwd(),
    env: { PATH: process.env["PATH"] ?? "" },
    signal: never,
    lineLength: 1_000,
    onLine: (line, stream) => lines.push(stream === "stdout" ? line : `${stream}: ${line}`),
    ...options,
  });
  return { end, lines };
}

test("lines come in order, from both streams, and the exit code with them", async () => {
  const { end, lines } = await run("echo one; echo two >&2; printf three; exit 7");
  expect(end).toEqual({ exitCode: 7, signal: null, leftBehind: false });
  expect(lines.toSorted()).toEqual(["one", "stderr: two", "three"]);
});

test("a line is told when it is written, not at the end", async () => {
  const project = tempProject();
  const go = project.path("go");
  const lines: string[] = [];
  const { end } = await run(`echo ready; while [ ! -e "${go}" ]; do sleep 0.02; done; echo done`, {
    onLine: (line) => {
      lines.push(line);
      if (line === "ready") project.write("go", "");
    },
  });
  expect(end.exitCode).toBe(0);
  expect(lines).toEqual(["ready", "done"]);
});

test("a process that a signal ended says which", async () => {
  for (const signal of ["SIGSEGV", "SIGKILL", "SIGTERM"] as const) {
    const { end, lines } = await run(`kill -s ${signal.slice(3)} $$`);
    expect(end).toEqual({ exitCode: null, signal, leftBehind: false });
    expect(lines).toEqual([]);
  }
});

test("arguments and environment arrive as they are, and nothing else does", async () => {
  const lines: string[] = [];
  const odd = `a b"c'$HOME\`*\n\\ é`;
  await runProcess({
    file: process.execPath,
    args: ["-e", "console.log(JSON.stringify([process.argv.slice(1), process.env]))", "--", odd, ""],
    cwd: process.cwd(),
    env: { MINE: odd },
    signal: never,
    lineLength: 1_000,
    onLine: (line) => lines.push(line),
  });
  const [args, env] = JSON.parse(lines.join("\n")) as [string[], Record<string, string>];
  expect(args).toEqual([odd, ""]);
  // What a shell itself sets.
  expect(Object.keys(env).filter((name) => !["PWD", "OLDPWD", "SHLVL", "_"].includes(name))).toEqual(["MINE"]);
  expect(env["MINE"]).toBe(odd);
});

test("its input reaches it, and a process that reads none of it ends as it likes", async () => {
  expect((await run("cat", { input: "hello\nthere" })).lines).toEqual(["hello", "there"]);
  expect((await run("exit 3", { input: "x".repeat(2_000_000) })).end.exitCode).toBe(3);
});

test("a process that obeys the stop signal ends with all it has started", async () => {
  const project = tempProject();
  const stop = new AbortController();
  const script = `sleep 60 & echo $! > "${project.path("pid")}"; trap 'echo bye; exit 0' TERM; echo ready; wait`;
  const lines: string[] = [];
  const ran = run(script, {
    signal: stop.signal,
    onLine: (line) => {
      lines.push(line);
      if (line === "ready") stop.abort(new Error("cancelled"));
    },
  });
  await expect(ran).rejects.toThrow("cancelled");
  expect(lines).toEqual(["ready", "bye"]);
  expect(isAlive(Number(project.read("pid")))).toBe(false);
});

test("a process that ignores the stop signal is killed after the grace, with its children", async () => {
  const project = tempProject();
  const stop = new AbortController();
  const script = `trap '' TERM; sleep 60 & echo $! > "${project.path("pid")}"; echo ready; while :; do sleep 1; done`;
  const startedAt = performance.now();
  const ran = run(script, { signal: stop.signal, graceMs: 200, onLine: () => stop.abort(new Error("cancelled")) });
  await expect(ran).rejects.toThrow("cancelled");
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(isAlive(Number(project.read("pid")))).toBe(false);
});

test("a child that cleans up after its parent has gone has the rest of the grace", async () => {
  const project = tempProject();
  const stop = new AbortController();
  const script = `(trap 'sleep 0.3; echo cleaned > "${project.path("cleaned")}"; exit' TERM; echo ready; while :; do sleep 0.05; done) & wait`;
  await expect(
    run(script, { signal: stop.signal, graceMs: 5_000, onLine: () => stop.abort(new Error("cancelled")) }),
  ).rejects.toThrow("cancelled");
  expect(project.read("cleaned")).toBe("cleaned\n");
});

test("what a process leaves behind is ended, whether it holds the output or not", async () => {
  const project = tempProject();
  for (const redirect of ["", ">/dev/null 2>&1"]) {
    const { end } = await run(`sleep 60 ${redirect} & echo $! > "${project.path("pid")}"`, { graceMs: 500 });
    expect(end).toEqual({ exitCode: 0, signal: null, leftBehind: true });
    expect(isAlive(Number(project.read("pid")))).toBe(false);
  }
}, 20_000);

test("a process does not outlive ours, however that was ended", async () => {
  const project = tempProject();
  const script = `trap '' TERM; echo $$ > "${project.path("pid")}"; while :; do sleep 0.1; done`;
  const program = `
    import { runProcess } from ${JSON.stringify(new URL("run-process.ts", import.meta.url).href)};
    await runProcess({ file: "/bin/sh", args: ["-c", ${JSON.stringify(script)}], cwd: "/", env: { PATH: process.env.PATH },
      signal: new AbortController().signal, lineLength: 100, graceMs: 1000, onLine: () => {} });`;
  const ours = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program],
    {
      stdio: "inherit",
    },
  );
  const file = project.path("pid");
  await until(() => existsSync(file) && readFileSync(file, "utf8").includes("\n"));
  const pid = Number(project.read("pid"));
  expect(isAlive(pid)).toBe(true);
  ours.kill("SIGKILL");
  await once(ours, "exit");
  await until(() => !isAlive(pid));
});

test("an error in whoever takes the lines ends the process and is thrown", async () => {
  await expect(
    run("echo one; sleep 60", {
      onLine: () => {
        throw new Error("mine");
      },
    }),
  ).rejects.toThrow("mine");
});

test("nothing starts once the signal has aborted", async () => {
  const project = tempProject();
  const signal = AbortSignal.abort(new Error("cancelled"));
  await expect(run(`touch "${project.path("started")}"`, { signal })).rejects.toThrow("cancelled");
  expect(existsSync(project.path("started"))).toBe(false);
});

test("arguments longer than the system takes are named as that", async () => {
  await expect(run("true", { args: ["-c", "true", "x".repeat(4_000_000)] })).rejects.toMatchObject({
    code: "COMMAND_NOT_STARTED",
    message: expect.stringContaining("too long"),
  });
});

test("bytes are given as they are where they are asked for", async () => {
  const chunks: Uint8Array[] = [];
  await run(String.raw`printf '\377\000\n'; echo note >&2`, { onBytes: (bytes) => chunks.push(bytes) });
  expect(Buffer.concat(chunks).toString("hex")).toBe("ff000a");
});
