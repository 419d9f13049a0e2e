#!/usr/bin/env node
// The command. Plain JavaScript, so that an old Node, Bun or Deno reads far enough to say what is wrong.
import { existsSync } from "node:fs";

const refusal = whyNotHere();
if (refusal === null) {
  leaveOutWarning("SQLite is an experimental feature");
  await import("../dist/cli/main.js");
} else {
  process.stderr.write(refusal + "\n");
  process.exitCode = 2;
}

function whyNotHere() {
  if (process.versions.bun !== undefined) return "Tutti does not run on Bun. Run it with Node 22.18 or newer.";
  if (process.versions.deno !== undefined) return "Tutti does not run on Deno. Run it with Node 22.18 or newer.";
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 22 || (major === 22 && minor < 18)) {
    return `Tutti needs Node 22.18 or newer; this is ${process.versions.node}. Install a newer one from https://nodejs.org`;
  }
  if (!existsSync(new URL("../dist/cli/main.js", import.meta.url))) {
    return "Tutti is not built: its dist/ folder is missing. In a clone of the repository, run: npm run build";
  }
  return null;
}

// Node 22 prints it in every command that opens the store. Others stay: they may be about the user's own code.
function leaveOutWarning(start) {
  const emit = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    if (!String(warning).startsWith(start)) emit.call(process, warning, ...rest);
  };
}
