import type { ProcessRole } from "../../src/store/process-list.ts";
import { Bed } from "../bed.ts";
import { fleetMember } from "./fleet-bed.ts";

/** A process of a fleet in a process of its own, which may be killed: url, role, and how many runs it is to submit. */
const [url = "", role = "", runs = "0"] = process.argv.slice(2);
const { process: member, store, code, close } = await fleetMember(url, [role as ProcessRole]);
await member.start();
if (member.engine) {
  const bed = new Bed({ store, engine: member.engine, code, close });
  for (let run = 0; run < Number(runs); run++) await bed.submit("ticking");
}
process.stdout.write("ready");
