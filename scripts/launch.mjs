// Starts every npm script on a Node that can run it. Plain JavaScript, because the Node that reads
// this file may be 18 or 20: it then hands over to the one pinned in devDependencies, or says in one
// line what to do. Without `--unbuilt`, the script it starts imports "tutti", so dist/ must be there.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);
const needsBuild = args[0] !== "--unbuilt";
if (!needsBuild) args.shift();
const [program, ...rest] = args;

const node = fittingNode();
const built = !needsBuild || existsSync(join(root, "dist", "index.js"));
const installed = existsSync(join(root, "node_modules"));

if (!installed) stop("The dependencies are not installed. Run: npm ci");
if (node === null) {
  stop(
    `Tutti needs Node 22.18 or newer, this is ${process.versions.node}, and the pinned one was not installed. ` +
      `Run: npm rebuild node --ignore-scripts=false && npm run build`,
  );
}
if (!built) stop("Tutti is not built: dist/ is missing, as after an install without scripts. Run: npm run build");
run(node);

/** This Node if it is new enough, else the pinned one if its binary is there and starts, else null. */
function fittingNode() {
  if (isNewEnough(process.versions.node)) return process.execPath;
  const pinned = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
  if (!existsSync(pinned)) return null;
  const answer = spawnSync(pinned, ["--version"], { encoding: "utf8" });
  return answer.status === 0 && isNewEnough(answer.stdout.trim().slice(1)) ? pinned : null;
}

function isNewEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > 22 || (major === 22 && minor >= 18);
}

/** A file of the repository as it is; anything else is the command of an installed package. */
function fileOf(name) {
  if (/\.(ts|mjs)$/.test(name)) return join(root, name);
  const folder = join(root, "node_modules", name);
  if (!existsSync(folder)) stop(`The package "${name}" is not installed. Run: npm ci`);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, typeof bin === "string" ? bin : bin[name]);
}

function run(executable) {
  const env = { ...process.env, PATH: dirname(executable) + delimiter + process.env.PATH };
  // Tests start hundreds of processes from the sources: without their types, and compiled, only once.
  env.NODE_COMPILE_CACHE ??= join(root, ".tmp", "compile-cache");
  // Node 22 warns about type stripping and node:sqlite each time; 24 does not.
  const flags = ["--disable-warning=ExperimentalWarning"];
  const child = spawn(executable, [...flags, fileOf(program), ...rest], { stdio: "inherit", env });
  // A terminal sends Ctrl-C to both, and npm sends it once more: passed on, it would count as a second Ctrl-C.
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]));
}

function stop(sentence) {
  process.stderr.write(sentence + "\n");
  process.exit(2);
}
