import { build, hasCompiler } from "./dist-folder.ts";

// `npm ci --omit=dev` also runs `prepare`, and then there is nothing to build with.
if (process.argv.includes("--if-possible") && !hasCompiler()) {
  console.log("dist/ is not built: TypeScript is a devDependency and is not installed.");
} else {
  const { ok, output } = build();
  if (output !== "") console.error(output);
  process.exitCode = ok ? 0 : 1;
}
