import { parseArgs } from "node:util";
import { FULL_SIZE, makeBigStore, QUICK_SIZE } from "./big-store.ts";

/** `npx node bench/big-store/main.ts <folder> [--quick]`: makes the store that lists and pages are measured on, for whoever wants to look at it. */
const { positionals, values } = parseArgs({
  options: { quick: { type: "boolean", default: false } },
  allowPositionals: true,
});
const [folder] = positionals;
if (folder === undefined) throw new Error("say where: npx node bench/big-store/main.ts <folder>");
await makeBigStore(folder, values.quick ? QUICK_SIZE : FULL_SIZE);
